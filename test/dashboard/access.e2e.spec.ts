import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { launchChromium } from './chromium.js';
import { PageSystem } from './page-system.js';
import { PHONE } from './page-visit.js';

const LIMIT_MS = 120_000;
/** Of every answer that is an error browsers say so. */
const UNAUTHENTICATED = expect.stringContaining('401') as unknown as string;

/** What the console said, and forgets now, is that calls or the feed were refused; how many were under way is chance. */
function expectRefusals(faults: string[]): void {
  const said = faults.splice(0);
  expect(said).not.toEqual([]);
  expect(said.filter((fault) => !/401|WebSocket/.test(fault))).toEqual([]);
}

let browser: Browser;
let tutti: PageSystem;

beforeAll(async () => {
  buildProduct();
  browser = await launchChromium();
  tutti = await PageSystem.start(browser);
}, LIMIT_MS);

afterEach(() => tutti.closeVisits());

afterAll(async () => {
  await browser?.close();
  await cleanUp();
}, LIMIT_MS);

describe('whoever opens the page', () => {
  it(
    'is asked for a token or key, told when it does not hold, and let in where they wanted to be',
    async () => {
      const { page, faults } = await tutti.visit(null, { size: PHONE, colours: 'light' });
      await page.goto(`${tutti.system.url}/workflows/greeting`);
      await page.getByRole('heading', { name: 'Sign in to Tutti' }).waitFor();
      const secret = page.getByRole('textbox', { name: 'Token or API key' });
      await secret.fill('not-the-token-of-anybody');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('That does not hold').waitFor();
      await secret.fill(tutti.system.token);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'greeting' }).waitFor();
      expect(faults.splice(0)).toEqual([UNAUTHENTICATED, UNAUTHENTICATED, UNAUTHENTICATED]);
    },
    LIMIT_MS,
  );

  it(
    'is signed in by the address that the system prints, which keeps no token, and has nothing that a script could read',
    async () => {
      const { page } = await tutti.visit();
      await page.getByText('Nothing has run yet').waitFor();
      expect(page.url()).toBe(`${tutti.system.url}/runs`);
      const kept = await page.evaluate<string>('JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }])');
      expect(kept).not.toContain(tutti.system.token);
      expect(await page.evaluate<string>('document.cookie')).toBe('');
      const [cookie] = await page.context().cookies();
      expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
      await page.reload();
      await page.getByText('Nothing has run yet').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'signs out, and is out after that',
    async () => {
      const { page, faults } = await tutti.visit();
      await page.getByRole('button', { name: /^You act as/ }).click();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByText('You are signed out.').waitFor();
      await page.reload();
      await page.getByRole('heading', { name: 'Sign in to Tutti' }).waitFor();
      // What was on its way when the session ended is refused, too.
      expectRefusals(faults);
    },
    LIMIT_MS,
  );

  it(
    'is offered nothing that a viewer may not do, and told why',
    async () => {
      const runId = await tutti.startRun('greeting', { name: 'Ada' });
      const { page } = await tutti.visit((await tutti.createKey('looker', 'viewer')).secret);
      const refused = async (name: string): Promise<void> => {
        const button = page.getByRole('button', { name, exact: true });
        await button.waitFor();
        expect(await button.getAttribute('aria-disabled')).toBe('true');
        await button.hover();
        await page.getByRole('tooltip').getByText('key:looker, as viewer, lacks the permission').waitFor();
      };
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      await refused('Start a run');
      await page.goto(`${tutti.system.url}/runs/${runId}`);
      await refused('Cancel');
      await page.goto(`${tutti.system.url}/approvals`);
      await refused('Approve');
      await page.goto(`${tutti.system.url}/schedules`);
      await refused('New schedule');
      await page.getByRole('button', { name: 'You act as key:looker' }).click();
      await page.getByText('Role viewer').waitFor();
      expect(await page.getByLabel('You act as', { exact: true }).count()).toBe(0);
    },
    LIMIT_MS,
  );

  it(
    'is asked to sign in when the session is over, and goes on where they were',
    async () => {
      const { id, secret } = await tutti.createKey('leaver', 'operator');
      const { page, faults } = await tutti.visit(secret);
      await page.goto(`${tutti.system.url}/workflows/quick/start`);
      await page.getByRole('heading', { level: 1, name: 'Start quick' }).waitFor();
      expect((await tutti.system.call('POST', `/v1/access/keys/${id}/revoke`, { body: { reason: 'gone' } })).status).toBe(200);
      // The page may have heard of it before anything is clicked: its feed is cut at once.
      await Promise.race([
        page.getByRole('button', { name: 'Start the run' }).click(),
        page.getByRole('textbox', { name: 'Token or API key' }).waitFor(),
      ]);
      await page.getByText('Your session is over.').waitFor();
      await page.getByRole('textbox', { name: 'Token or API key' }).fill(tutti.system.token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Start quick' }).waitFor();
      expectRefusals(faults);
    },
    LIMIT_MS,
  );

  it(
    'acts under the name that they choose, where the credential stands for nobody in particular',
    async () => {
      const { page } = await tutti.visit();
      await page.getByRole('button', { name: 'You act as user:local' }).click();
      await page.getByLabel('You act as', { exact: true }).fill('user:grace');
      await page.getByRole('button', { name: 'Use this name' }).click();
      await page.getByRole('button', { name: 'You act as user:grace' }).waitFor();
      const runId = await tutti.startRun('greeting', { name: 'Grace' });
      await page.goto(`${tutti.system.url}/runs/${runId}`);
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('button', { name: 'Pause the run' }).click();
      await page.getByText('Paused by user:grace').waitFor();
    },
    LIMIT_MS,
  );
});
