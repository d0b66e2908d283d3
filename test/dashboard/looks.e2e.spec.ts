import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { endOfRun, installProbe, pendingApproval } from '../e2e/probe-agent.js';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { launchChromium } from './chromium.js';
import { BUSY_MACHINE } from './page-system.js';
import { PageVisit, PHONE, TABLET, WIDE, type Look } from './page-visit.js';
import { WORKFLOWS } from './sample-workflows.js';
import { differenceTo } from './screenshots.js';

const LIMIT_MS = 120_000;

const EVERY = () => true;
/** Those that are laid out differently on a tablet, and those that are looked at most. */
const FEW = (page: string): boolean => ['runs', 'run', 'approvals', 'agents', 'start'].includes(page);

/** Layout follows the size and colours the scheme: each size and each scheme is seen on every page once. */
const LOOKS: readonly (readonly [string, Look, (page: string) => boolean])[] = [
  ['wide-light', { size: WIDE, colours: 'light' }, EVERY],
  ['wide-dark', { size: WIDE, colours: 'dark' }, EVERY],
  ['tablet-light', { size: TABLET, colours: 'light' }, FEW],
  ['phone-light', { size: PHONE, colours: 'light' }, EVERY],
  ['phone-dark', { size: PHONE, colours: 'dark' }, FEW],
];

let system: Standalone;
let browser: Browser;
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
  const config = { ...BUSY_MACHINE, workers: installProbe(folder) };
  [system, browser] = await Promise.all([Standalone.start({ folder, config }), launchChromium()]);
  for (const body of WORKFLOWS) expect((await system.call('POST', '/v1/workflows', { body })).status).toBe(201);
  await endOfRun(system, await start('quick', { say: 'hello' }, { team: 'web' }));
  failed = await start('broken', {}, { team: 'web', urgent: 'yes' });
  await endOfRun(system, failed);
  asking = await start('greeting', { name: 'Ada' }, { team: 'core' });
  await pendingApproval(system, asking);
}, LIMIT_MS);

afterAll(async () => {
  await browser?.close();
  await cleanUp();
}, LIMIT_MS);

describe.each(LOOKS)('every page (%s)', (name, look, isLookedAt) => {
  let visit: PageVisit;

  beforeAll(async () => {
    visit = await PageVisit.open(browser, system, look);
  }, LIMIT_MS);

  afterAll(async () => {
    await visit?.close();
  });

  const pages: readonly (readonly [string, () => string, string])[] = [
    ['runs', () => '/runs', '3 runs shown'],
    ['run', () => `/runs/${asking}`, 'Somebody has to decide'],
    ['run-failed', () => `/runs/${failed}`, 'Step fall failed'],
    ['run-timeline', () => `/runs/${failed}?tab=timeline`, 'Step fall failed'],
    ['run-events', () => `/runs/${failed}?tab=events`, 'RunFailed'],
    ['run-values', () => `/runs/${asking}?tab=values`, 'There are outputs when'],
    ['step-attempts', () => `/runs/${failed}?step=fall&view=attempts`, 'Failed'],
    ['step-gates', () => `/runs/${asking}?step=draft&view=gates`, 'the expression is true'],
    ['approvals', () => '/approvals', 'Good morning, Ada'],
    ['agents', () => '/agents', 'probe.echo'],
    ['workflows', () => '/workflows', 'Greets somebody, and asks before it is sent.'],
    ['workflow', () => '/workflows/greeting', 'Definition of version 1'],
    ['start', () => '/workflows/greeting/start', 'Who is greeted.'],
    ['schedules', () => '/schedules', 'Nothing is scheduled'],
    ['notifications', () => '/notifications', 'Nobody was told'],
    ['dead-letters', () => '/dead-letters', 'Every message was handled'],
  ];

  it.each(pages.filter(([page]) => isLookedAt(page)))(
    'fits the screen, keeps nobody out, and looks as it did: %s',
    async (page, path, text) => {
      await visit.go(path());
      await visit.page.getByText(text).first().waitFor();
      await visit.page.getByRole('status').getByText('Live').first().waitFor({ state: 'attached' });
      const fitsWidth = await visit.fitsWidth();
      const barriers = await visit.seriousBarriers();
      const difference = differenceTo(`${page}-${name}`, await visit.picture());
      const faults = visit.faults.splice(0);
      expect({ fitsWidth, barriers, difference, faults }).toEqual({ fitsWidth: true, barriers: [], difference: null, faults: [] });
    },
    LIMIT_MS,
  );

  it(
    'lets nobody in without a credential, and looks as it did: sign-in',
    async () => {
      const outside = await PageVisit.open(browser, system, look, null);
      await outside.page.getByRole('heading', { name: 'Sign in to Tutti' }).waitFor();
      const fitsWidth = await outside.fitsWidth();
      const barriers = await outside.seriousBarriers();
      const difference = differenceTo(`sign-in-${name}`, await outside.picture());
      await outside.close();
      expect({ fitsWidth, barriers, difference }).toEqual({ fitsWidth: true, barriers: [], difference: null });
    },
    LIMIT_MS,
  );
});
