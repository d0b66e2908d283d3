import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../dashboard/chromium.js';
import { startTestGateway, type TestGateway } from '../../services/gateway/src/testing/test-gateway.js';

const SHOWN_LIMIT_MS = 20_000;

describe('the explorer of the API', () => {
  let gateway: TestGateway;
  let browser: Browser;
  beforeAll(async () => {
    gateway = await startTestGateway();
    browser = await launchChromium();
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
  });

  it('shows every operation in a browser, asks nobody but the gateway, and nothing is kept from running', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).origin));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${gateway.url}/docs`);
    await page.getByText('Approve what was shown').waitFor({ timeout: SHOWN_LIMIT_MS });
    await page.getByText('Start a run of a workflow').first().click();
    await page.getByText('idempotency-key').first().waitFor({ timeout: SHOWN_LIMIT_MS });
    if (process.env['EXPLORER_SCREENSHOT'] !== undefined) await page.screenshot({ path: process.env['EXPLORER_SCREENSHOT'] });
    expect({ complaints, origins: [...new Set(asked.filter((origin) => origin !== 'null'))] }).toEqual({
      complaints: [],
      origins: [gateway.url],
    });
  }, 60_000);
});
