import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Standalone } from '../product/standalone-process.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const STEP_LIMIT_MS = 15_000;

export const PHONE = { width: 390, height: 844 };
export const TABLET = { width: 820, height: 1180 };
export const WIDE = { width: 1440, height: 900 };

export interface Look {
  readonly size: { readonly width: number; readonly height: number };
  readonly colours: 'light' | 'dark';
}

interface AxeViolation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** A tab of somebody who opened an address like the one that the system prints. Whatever its console says in error is kept. */
export class PageVisit {
  readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly context: BrowserContext,
    private readonly url: string,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.faults.push(message.text());
    });
    page.on('pageerror', (error) => this.faults.push(error.message));
  }

  /** @param token the credential that the address carries; null for none */
  static async open(
    browser: Browser,
    system: Standalone,
    { size, colours }: Look,
    token: string | null = system.token,
  ): Promise<PageVisit> {
    const options = { viewport: size, colorScheme: colours, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' } as const;
    const context = await browser.newContext(options);
    context.setDefaultTimeout(STEP_LIMIT_MS);
    const visit = new PageVisit(await context.newPage(), context, system.url);
    await visit.page.goto(token === null ? system.url : `${system.url}/#token=${token}`);
    await visit.page.getByRole('heading', { level: 1 }).waitFor();
    return visit;
  }

  /** By an address of the page, as from a link. */
  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`);
    await this.page.getByRole('heading', { level: 1 }).waitFor();
  }

  /** What axe finds that keeps somebody from using the page. */
  async seriousBarriers(): Promise<readonly string[]> {
    // Not as a script of the document: its Content-Security-Policy lets in none but its own.
    await this.page.evaluate(AXE);
    const violations = await this.page.evaluate<readonly AxeViolation[]>('axe.run(document).then((found) => found.violations)');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`).join('\n')}`);
  }

  /** The whole page, with what differs from run to run made the same. */
  async picture(): Promise<Buffer> {
    await this.page.evaluate(STEADY);
    return this.page.screenshot({ animations: 'disabled', caret: 'hide' });
  }

  /** Whether everything is within the width of the screen. */
  async fitsWidth(): Promise<boolean> {
    return this.page.evaluate<boolean>('document.documentElement.scrollWidth <= window.innerWidth');
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}

const STEADY = `
  for (const [selector, text] of [['time', 'a while ago'], ['[data-duration]', '1.2 s'], ['[data-run-id]', '…0a1b2c3d'], ['[data-hash]', '0a1b2c…']])
    for (const found of document.querySelectorAll(selector)) found.textContent = text;
`;
