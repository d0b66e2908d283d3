import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { installProbe } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { launchChromium } from './chromium.js';
import { PageVisit, PHONE, WIDE, type Look } from './page-visit.js';
import { WORKFLOWS } from './sample-workflows.js';

const LIMIT_MS = 120_000;

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
  for (const body of WORKFLOWS) expect((await system.call('POST', '/v1/workflows', { body })).status).toBe(201);
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
      const { page } = await visit({ size: PHONE, colours: 'light' }, false);
      await page.getByRole('heading', { name: 'Tutti needs its token' }).waitFor();
      expect(await page.getByText('tutti up').isVisible()).toBe(true);
      await page.getByRole('textbox', { name: 'Token' }).fill(system.token);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
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
      await page.getByRole('link', { name: 'Workflows', exact: true }).click();
      await page.getByRole('link', { name: 'Start greeting' }).click();
      await page.getByRole('button', { name: 'Start the run' }).click();
      await page.getByText('This is needed.').waitFor();
      await page.getByLabel('name').fill('Ada');
      await page.getByLabel('times').fill('2');
      await page.getByRole('combobox', { name: 'Labels' }).fill('team=core');
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
      await page.getByRole('table', { name: 'Events' }).getByText('Is the greeting right?').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: /ApprovalDecided/ }).waitFor();
      const { json } = await system.call('GET', `/v1/runs/${runId}`);
      expect(json['run']).toMatchObject({ status: 'succeeded', labels: { team: 'core' }, outputs: { text: 'Good morning, Ada' } });
    },
    LIMIT_MS,
  );

  it(
    'lists runs as they start and end, and filters them by status, workflow, label and text, in its address, too',
    async () => {
      const { page } = await visit();
      const table = page.getByRole('table', { name: 'Runs' });
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      await start('quick', { say: 'hello' }, { team: 'web' });
      await table.getByRole('link', { name: 'quick' }).waitFor();
      await start('broken', {}, { team: 'web' });
      await table.getByRole('row', { name: /Failed broken/ }).waitFor();
      const names = (): Promise<readonly string[]> => table.getByRole('link').allTextContents();

      await page.getByLabel('Text').fill('core');
      await page.getByText('1 of 3 loaded runs match').waitFor();
      expect(await names()).toEqual(['greeting']);
      await page.getByRole('button', { name: 'Clear' }).click();

      await page.getByRole('combobox', { name: 'Status' }).click();
      await page.getByRole('option', { name: 'Failed' }).click();
      await page.getByText('1 run shown').waitFor();
      expect(await names()).toEqual(['broken']);
      expect(page.url()).toContain('/runs?status=failed');

      await page.goto(`${system.url}/runs?label=team%3Dweb`);
      await page.getByText('2 runs shown').waitFor();
      expect(await names()).toEqual(['broken', 'quick']);
      await page.goto(`${system.url}/runs?label=team%3Dweb&workflow=greeting`);
      await page.getByText('No run matches').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'shows why a run failed and who tried, skips its step after a second word, and says so in the problem’s words when it is refused',
    async () => {
      const { page, faults } = await visit();
      const runId = await start('broken', {});
      await page.goto(`${system.url}/runs/${runId}`);
      await page.getByText('Step fall failed').waitFor();
      await page.getByRole('group', { name: 'Graph of the steps' }).getByRole('button', { name: /^Fall/ }).press('Enter');
      const step = page.getByRole('dialog', { name: 'Fall' });
      expect(new URL(page.url()).searchParams.get('step')).toBe('fall');
      await step.getByRole('tab', { name: /^Attempts/ }).click();
      await step.getByText('the probe fails as told').first().waitFor();
      await step.getByRole('tab', { name: 'Why' }).click();
      await step.getByRole('table', { name: 'Candidates' }).getByText('probe').first().waitFor();
      await step.getByRole('button', { name: 'Skip' }).click();
      await page.getByLabel('Output, as JSON').fill('{"done":true}');
      await page.getByRole('button', { name: 'Skip the step' }).click();
      await page.getByRole('dialog', { name: 'Skip fall' }).waitFor({ state: 'detached' });
      await step.getByRole('button', { name: 'Close the step' }).click();
      await page.getByRole('main').getByText('Succeeded').first().waitFor();

      await page.goto(`${system.url}/runs/there-is-none`);
      await page.getByRole('alert').getByText('RUN_NOT_FOUND').waitFor();
      // Browsers say so of every answer that is an error.
      expect(faults.splice(0)).toEqual([expect.stringContaining('404')]);
    },
    LIMIT_MS,
  );

  it(
    'pauses, resumes and cancels a run that waits, each after a second word, by keyboard alone',
    async () => {
      const { page } = await visit();
      const runId = await start('greeting', { name: 'Bob' });
      await page.goto(`${system.url}/runs/${runId}`);
      for (const [action, confirm, then] of [
        ['Pause', 'Pause the run', 'Paused'],
        ['Resume', 'Resume the run', 'Running'],
        ['Cancel', 'Cancel the run', 'Cancelled'],
      ] as const) {
        await page.getByRole('button', { name: action, exact: true }).press('Enter');
        const dialog = page.getByRole('dialog', { name: confirm });
        await dialog.getByLabel('Reason').press('x');
        await dialog.getByRole('button', { name: confirm }).press('Enter');
        await dialog.waitFor({ state: 'detached' });
        await page.getByRole('main').getByText(then, { exact: true }).first().waitFor();
      }
      expect((await system.call('GET', `/v1/runs/${runId}`)).json['run']).toMatchObject({ status: 'cancelled' });
    },
    LIMIT_MS,
  );

  it(
    'follows what happens while the connection was lost',
    async () => {
      const { page, faults } = await visit();
      await page.getByRole('status').getByText('Live').first().waitFor();
      const context = page.context();
      await context.setOffline(true);
      await start('quick', { say: 'while nobody listened' }, { missed: 'yes' });
      await context.setOffline(false);
      await page.getByRole('table', { name: 'Runs' }).getByText('missed=yes').waitFor();
      // Of what the page asked for meanwhile, browsers say that it was not to be had.
      expect(faults.splice(0).filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
    },
    LIMIT_MS,
  );
});
