import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { installProbe } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { launchChromium } from './chromium.js';
import { PageVisit, PHONE, WIDE, type Look } from './page-visit.js';
import { differenceTo } from './screenshots.js';

const LIMIT_MS = 120_000;

const GREETING = {
  name: 'greeting',
  description: 'Greets somebody, and asks before it is sent.',
  inputs: {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', maxLength: 60, description: 'Who is greeted.' },
      times: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
      tone: { enum: ['warm', 'formal'], default: 'warm' },
      loud: { type: 'boolean', description: 'In capitals.' },
    },
  },
  steps: {
    draft: {
      name: 'Write a draft',
      capability: 'probe.echo',
      with: { text: '${{ "Good morning, " & inputs.name }}' },
      gates: [{ name: 'not-empty', type: 'expression', expression: '${{ $length(output.text) > 0 }}', message: 'the draft is empty' }],
    },
    check: { name: 'Check the names', needs: 'draft', capability: 'probe.echo', with: { ok: true } },
    translate: { name: 'Translate', needs: 'draft', capability: 'probe.echo', with: { to: 'fr' } },
    send: {
      name: 'Send it',
      needs: ['check', 'translate'],
      capability: 'probe.echo',
      with: { text: '${{ steps.draft.output.text }}' },
      gates: [{ name: 'sign-off', type: 'approval', title: 'Is the greeting right?' }],
    },
  },
  outputs: { text: '${{ steps.send.output.text }}' },
};

const QUICK = {
  name: 'quick',
  description: 'Gives back what it was given.',
  steps: { echo: { name: 'Echo', capability: 'probe.echo', with: { said: '${{ inputs.say }}' } } },
};

const BROKEN = {
  name: 'broken',
  description: 'Fails each time.',
  steps: { fall: { name: 'Fall', capability: 'probe.fail' }, never: { name: 'Never done', needs: 'fall', capability: 'probe.echo' } },
};

let system: Standalone;
let browser: Browser;
const open: PageVisit[] = [];

async function visit(look: Look = { size: WIDE, colours: 'light' }, withToken = true): Promise<PageVisit> {
  const opened = await PageVisit.open(browser, system, look, withToken);
  open.push(opened);
  return opened;
}

async function start(workflow: string, inputs: object, labels: object = {}): Promise<string> {
  const { status, json, text } = await system.call('POST', '/v1/runs', { body: { workflow, inputs, labels } });
  if (status !== 201) throw new Error(text);
  return String(json['runId']);
}

beforeAll(async () => {
  buildProduct();
  const folder = temporaryFolder();
  [system, browser] = await Promise.all([Standalone.start({ folder, config: { workers: installProbe(folder) } }), launchChromium()]);
  for (const body of [GREETING, QUICK, BROKEN]) expect((await system.call('POST', '/v1/workflows', { body })).status).toBe(201);
}, LIMIT_MS);

afterEach(async () => {
  const visits = open.splice(0);
  const faults = visits.flatMap((one) => one.faults);
  await Promise.all(visits.map((one) => one.close()));
  expect(faults).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await cleanUp();
}, LIMIT_MS);

describe('the page', () => {
  it(
    'says without a token how to get one, and takes it',
    async () => {
      const { page, ...one } = await visit({ size: PHONE, colours: 'light' }, false);
      await page.getByRole('heading', { name: 'Tutti needs its token' }).waitFor();
      expect(await page.getByText('tutti up').isVisible()).toBe(true);
      await page.getByRole('textbox', { name: 'Token' }).fill(system.token);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      void one;
    },
    LIMIT_MS,
  );

  it(
    'takes the token out of the address, and says what to do where nothing is yet',
    async () => {
      const { page } = await visit();
      await page.getByText('Nothing has run yet').waitFor();
      expect(page.url()).toBe(`${system.url}/runs`);
      await page.getByRole('link', { name: 'Approvals' }).click();
      await page.getByText('Nothing waits for a decision').waitFor();
      await page.getByRole('link', { name: 'Schedules' }).click();
      await page.getByText('Nothing is scheduled').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'starts a run from the form, shows live that it asks, takes the approval, and shows its end',
    async () => {
      const { page } = await visit();
      await page.getByRole('link', { name: 'Workflows' }).click();
      await page.getByRole('link', { name: 'Start greeting' }).click();
      await page.getByRole('button', { name: 'Start the run' }).click();
      await page.getByText('This is needed.').waitFor();
      await page.getByLabel('name').fill('Ada');
      await page.getByLabel('times').fill('2');
      await page.getByLabel('Labels').fill('team=core');
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Start the run' }).click();

      await page.getByRole('heading', { level: 1, name: 'greeting' }).waitFor();
      await page.getByText('Somebody has to decide').waitFor();
      const runId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      await page.getByRole('link', { name: /open the approvals/ }).click();
      const asked = page.getByRole('article', { name: 'Approval: Is the greeting right?' });
      await asked.getByText('Good morning, Ada').waitFor();
      await asked.getByRole('button', { name: 'Approve' }).click();
      await page.getByLabel('Reason').fill('kind enough');
      await page.getByRole('button', { name: 'Approve it' }).click();
      await page.getByText('Nothing waits for a decision').waitFor();

      await page.goto(`${system.url}/runs/${runId}?tab=values`);
      await page.getByRole('region', { name: 'outputs of the run' }).getByText('Good morning, Ada').waitFor();
      await page.getByRole('tab', { name: 'Events' }).click();
      await page.getByLabel('Text').fill('kind enough');
      await page.getByText(/^1 of \d+ events$/).waitFor();
      const { json } = await system.call('GET', `/v1/runs/${runId}`);
      expect(json['run']).toMatchObject({ status: 'succeeded', labels: { team: 'core' }, outputs: { text: 'Good morning, Ada' } });
    },
    LIMIT_MS,
  );
});
