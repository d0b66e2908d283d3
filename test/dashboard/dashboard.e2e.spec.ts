import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { launchChromium } from './chromium.js';
import { PageSystem } from './page-system.js';

const LIMIT_MS = 120_000;

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

describe('the page', () => {
  it(
    'says what to do where nothing is yet',
    async () => {
      const { page } = await tutti.visit();
      await page.getByText('Nothing has run yet').waitFor();
      for (const [place, text] of [
        ['Approvals', 'Nothing waits for a decision'],
        ['Schedules', 'Nothing is scheduled'],
        ['Notifications', 'Nobody was told anything yet'],
        ['Dead letters', 'Every message was handled'],
      ] as const) {
        await page.getByRole('link', { name: place }).click();
        await page.getByText(text).waitFor();
      }
    },
    LIMIT_MS,
  );

  it(
    'starts a run from the form, shows live that it asks, takes the approval, and shows its end',
    async () => {
      const { page } = await tutti.visit();
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

      await page.goto(`${tutti.system.url}/runs/${runId}?tab=values`);
      await page.getByRole('region', { name: 'outputs of the run' }).getByText('Good morning, Ada').waitFor();
      await page.getByRole('tab', { name: 'Events' }).click();
      await page.getByLabel('Text').fill('kind enough');
      await page.getByRole('table', { name: 'Events' }).getByText('Is the greeting right?').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: /ApprovalDecided/ }).waitFor();
      const { json } = await tutti.system.call('GET', `/v1/runs/${runId}`);
      expect(json['run']).toMatchObject({ status: 'succeeded', labels: { team: 'core' }, outputs: { text: 'Good morning, Ada' } });
    },
    LIMIT_MS,
  );

  it(
    'lists runs as they start and end, and filters them by status, workflow, label and text, in its address, too',
    async () => {
      const { page } = await tutti.visit();
      const table = page.getByRole('table', { name: 'Runs' });
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      await tutti.startRun('quick', { say: 'hello' }, { team: 'web' });
      await table.getByRole('link', { name: 'quick' }).waitFor();
      await tutti.startRun('broken', {}, { team: 'web' });
      await table.getByRole('row', { name: /Failed broken/ }).waitFor();
      const names = (): Promise<readonly string[]> => table.getByRole('link').allTextContents();

      await page.getByLabel('Text').fill('core');
      await page.getByText('1 of the 3 newest runs match').waitFor();
      expect(await names()).toEqual(['greeting']);
      await page.getByRole('button', { name: 'Clear' }).click();

      await page.getByRole('combobox', { name: 'Status' }).click();
      await page.getByRole('option', { name: 'Failed' }).click();
      await page.getByText('1 run shown').waitFor();
      expect(await names()).toEqual(['broken']);
      expect(page.url()).toContain('/runs?status=failed');

      await page.goto(`${tutti.system.url}/runs?label=team%3Dweb`);
      await page.getByText('2 runs shown').waitFor();
      expect(await names()).toEqual(['broken', 'quick']);
      await page.goto(`${tutti.system.url}/runs?label=team%3Dweb&workflow=greeting`);
      await page.getByText('No run matches').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'shows why a run failed and who tried, skips its step after a second word, and says so in the problem’s words when it is refused',
    async () => {
      const { page, faults } = await tutti.visit();
      const runId = await tutti.startRun('broken', {});
      await page.goto(`${tutti.system.url}/runs/${runId}`);
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

      await page.goto(`${tutti.system.url}/runs/there-is-none`);
      await page.getByRole('alert').getByText('RUN_NOT_FOUND').waitFor();
      // Browsers say so of every answer that is an error.
      expect(faults.splice(0)).toEqual([expect.stringContaining('404')]);
    },
    LIMIT_MS,
  );

  it(
    'pauses, resumes and cancels a run that waits, each after a second word, by keyboard alone',
    async () => {
      const { page } = await tutti.visit();
      const runId = await tutti.startRun('greeting', { name: 'Bob' });
      await page.goto(`${tutti.system.url}/runs/${runId}`);
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
      expect((await tutti.system.call('GET', `/v1/runs/${runId}`)).json['run']).toMatchObject({ status: 'cancelled' });
    },
    LIMIT_MS,
  );

  it(
    'follows what happens while the connection was lost',
    async () => {
      const { page, faults } = await tutti.visit();
      await page.getByRole('status').getByText('Live').first().waitFor();
      const context = page.context();
      await context.setOffline(true);
      await tutti.startRun('quick', { say: 'while nobody listened' }, { missed: 'yes' });
      await context.setOffline(false);
      await page.getByRole('table', { name: 'Runs' }).getByText('missed=yes').waitFor();
      // Of what the page asked for meanwhile, browsers say that it was not to be had.
      expect(faults.splice(0).filter((fault) => !fault.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'checks a form before it is sent, takes it as JSON and back, and says beside a field what the server objects to',
    async () => {
      const { page, faults } = await tutti.visit();
      await page.goto(`${tutti.system.url}/workflows/order/start`);
      await page.getByRole('button', { name: 'Add to items' }).click();
      await page.getByLabel('quantity').fill('0');
      await page.getByRole('button', { name: 'Start the run' }).click();
      await page.getByText('Expected 1 or more.').waitFor();
      expect(await page.getByText('This is needed.').count()).toBe(2);
      await page.getByLabel('Customer').fill('Ada');
      await page.getByLabel('sku').fill('shoes');
      await page.getByLabel('quantity').fill('2');
      await page.getByText('JSON', { exact: true }).click();
      const json = page.getByRole('textbox', { name: 'Inputs, as JSON' });
      expect(JSON.parse(await json.inputValue())).toEqual({ customer: 'Ada', items: [{ sku: 'shoes', quantity: 2 }] });
      await json.fill('{"customer":"Bob","items":[{"sku":"hat","quantity":3}],"code":"x"}');
      await page.getByText('Form', { exact: true }).click();
      expect(await page.getByLabel('quantity').inputValue()).toBe('3');
      await page.getByRole('button', { name: 'Start the run' }).click();
      await page.getByText('must NOT be valid.').waitFor();
      expect(faults.splice(0)).toEqual([expect.stringContaining('400')]);
    },
    LIMIT_MS,
  );

  it(
    'sends a signal, sets variables and asks a run, and starts another like it',
    async () => {
      const { page } = await tutti.visit();
      const runId = await tutti.startRun('waiting', { budget: 100 });
      await page.goto(`${tutti.system.url}/runs/${runId}`);
      const more = async (name: string): Promise<void> => {
        await page.getByRole('button', { name: 'More' }).click();
        await page.getByRole('menuitem', { name }).click();
      };
      await more('Set variables');
      await page.getByLabel('Variables, as a JSON object').fill('{"budget": 80}');
      await page.getByRole('button', { name: 'Set them' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await more('Query');
      await page.getByRole('combobox', { name: 'Query' }).click();
      await page.getByRole('option', { name: 'left' }).click();
      await page.getByRole('button', { name: 'Ask' }).click();
      await page.getByRole('region', { name: 'what left comes to' }).getByText('80').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Signal' }).click();
      expect(await page.getByRole('combobox', { name: 'Name' }).inputValue()).toBe('paid');
      await page.getByLabel('Payload, as JSON').fill('{"amount": 12}');
      await page.getByRole('button', { name: 'Send the signal' }).click();
      await page.getByRole('main').getByText('Succeeded').first().waitFor();
      await more('Start another like it');
      await page.getByRole('heading', { level: 1, name: 'Start waiting' }).waitFor();
      expect(await page.getByLabel('budget').inputValue()).toBe('100');
    },
    LIMIT_MS,
  );

  it(
    'is used by keyboard alone: goes to a workflow by its name, fills the form in, and walks through lists',
    async () => {
      const { page } = await tutti.visit();
      const { keyboard } = page;
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      await keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      await keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Go to' }).waitFor();
      await keyboard.type('start quick');
      await page.getByRole('option', { name: 'Start quick' }).waitFor();
      await keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Start quick' }).waitFor();
      const focused = 'document.activeElement?.textContent ?? ""';
      for (let presses = 0; presses < 40 && (await page.evaluate<string>(focused)) !== 'Start the run'; presses++)
        await keyboard.press('Tab');
      await keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'quick', exact: true }).waitFor();
      const run = new URL(page.url()).pathname;
      await keyboard.press('3');
      await page.getByRole('table', { name: 'Events' }).waitFor();
      await keyboard.press('u');
      await page.getByRole('heading', { level: 1, name: 'Runs' }).waitFor();
      await page.locator(`tbody tr:first-child a[data-row][href="${run}"]`).waitFor();
      await keyboard.press('j');
      await keyboard.press('j');
      await keyboard.press('k');
      await keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'quick', exact: true }).waitFor();
      await keyboard.press('g');
      await keyboard.press('a');
      await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor();
      await keyboard.press('g');
      await keyboard.press('r');
      await page.getByRole('table', { name: 'Runs' }).waitFor();
      await keyboard.press('/');
      await keyboard.type('nothing like it');
      await page.getByText('No run matches').waitFor();
    },
    LIMIT_MS,
  );

  it(
    'keeps a run of a thousand steps usable: draws what is in sight, finds a step, and opens it',
    async () => {
      const steps = Object.fromEntries(
        Array.from({ length: 1_000 }, (_, at) => [`s${at}`, { set: { at }, ...(at < 20 ? {} : { needs: [`s${at - 20}`] }) }]),
      );
      expect((await tutti.system.call('POST', '/v1/workflows', { body: { name: 'thousand', steps } })).status).toBe(201);
      const runId = await tutti.startRun('thousand', {});
      const { page } = await tutti.visit();
      await page.goto(`${tutti.system.url}/runs/${runId}`);
      await page.getByRole('main').getByText('Succeeded').first().waitFor();
      await page.getByRole('textbox', { name: 'Search the steps' }).fill('s987');
      await page.getByText('1 of 1000 steps').waitFor();
      expect(await page.locator('.react-flow__node').count()).toBeLessThan(200);
      await page.getByRole('table', { name: 'Steps' }).getByRole('button', { name: 's987' }).click();
      await page.getByRole('dialog', { name: 's987' }).waitFor();
    },
    LIMIT_MS,
  );
});
