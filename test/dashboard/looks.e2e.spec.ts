import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { installProbe, pendingApproval } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { launchChromium } from './chromium.js';
import { PageVisit, PHONE, WIDE, type Look } from './page-visit.js';
import { WORKFLOWS } from './sample-workflows.js';
import { differenceTo } from './screenshots.js';

const LIMIT_MS = 120_000;

const LOOKS: readonly (readonly [string, Look])[] = [
  ['wide-light', { size: WIDE, colours: 'light' }],
  ['wide-dark', { size: WIDE, colours: 'dark' }],
  ['phone-light', { size: PHONE, colours: 'light' }],
  ['phone-dark', { size: PHONE, colours: 'dark' }],
];

let system: Standalone;
let browser: Browser;
let visit: PageVisit;
let asking: string;
let failed: string;

async function start(workflow: string, inputs: object, labels: object): Promise<string> {
  const { status, json, text } = await system.call('POST', '/v1/runs', { body: { workflow, inputs, labels } });
  if (status !== 201) throw new Error(text);
  return String(json['runId']);
}

beforeAll(async () => {
  buildProduct();
  const folder = temporaryFolder();
  [system, browser] = await Promise.all([Standalone.start({ folder, config: { workers: installProbe(folder) } }), launchChromium()]);
  for (const body of WORKFLOWS) expect((await system.call('POST', '/v1/workflows', { body })).status).toBe(201);
  await start('quick', { say: 'hello' }, { team: 'web' });
  failed = await start('broken', {}, { team: 'web', urgent: 'yes' });
  asking = await start('greeting', { name: 'Ada' }, { team: 'core' });
  await pendingApproval(system, asking);
}, LIMIT_MS);

afterAll(async () => {
  await browser?.close();
  await cleanUp();
}, LIMIT_MS);

afterEach(async () => {
  const { faults } = visit;
  await visit.close();
  expect(faults).toEqual([]);
});

describe.each(LOOKS)('every page (%s)', (name, look) => {
  const pages: readonly (readonly [string, () => string, string])[] = [
    ['runs', () => '/runs', '3 runs shown'],
    ['run', () => `/runs/${asking}`, 'Somebody has to decide'],
    ['run-timeline', () => `/runs/${failed}?tab=timeline`, 'Step fall failed'],
    ['run-events', () => `/runs/${failed}?tab=events`, 'RunFailed'],
    ['run-step', () => `/runs/${asking}?step=draft`, 'Attempts (1)'],
    ['approvals', () => '/approvals', 'Good morning, Ada'],
    ['agents', () => '/agents', 'probe.echo'],
    ['workflows', () => '/workflows', 'Greets somebody, and asks before it is sent.'],
    ['workflow', () => '/workflows/greeting', 'Definition of version 1'],
    ['start', () => '/workflows/greeting/start', 'Who is greeted.'],
    ['schedules', () => '/schedules', 'Nothing is scheduled'],
  ];

  it.each(pages)(
    'fits the screen, keeps nobody out, and looks as it did: %s',
    async (page, path, text) => {
      visit = await PageVisit.open(browser, system, look);
      await visit.go(path());
      await visit.page.getByText(text).first().waitFor();
      await visit.page.getByRole('status').getByText('Live').first().waitFor({ state: 'attached' });
      const fitsWidth = await visit.fitsWidth();
      const barriers = await visit.seriousBarriers();
      const difference = differenceTo(`${page}-${name}`, await visit.picture());
      expect({ fitsWidth, barriers, difference }).toEqual({ fitsWidth: true, barriers: [], difference: null });
    },
    LIMIT_MS,
  );
});
