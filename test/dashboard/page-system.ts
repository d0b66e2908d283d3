import { expect } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { installProbe } from '../e2e/probe-agent.js';
import { Standalone, temporaryFolder } from '../product/standalone-process.js';
import { PageVisit, WIDE, type Look } from './page-visit.js';
import { WORKFLOWS } from './sample-workflows.js';

/** What the page shows is not about the load of the machine that runs the tests. */
export const BUSY_MACHINE = { gateway: { limits: { shedding: { loopDelayMs: [60_000, 60_000, 60_000] } } } };

/** A system with the sample workflows, and the tabs that a test has open on it. */
export class PageSystem {
  private readonly visits: PageVisit[] = [];

  private constructor(
    readonly system: Standalone,
    private readonly browser: Browser,
  ) {}

  static async start(browser: Browser): Promise<PageSystem> {
    const folder = temporaryFolder();
    const system = await Standalone.start({ folder, config: { ...BUSY_MACHINE, workers: installProbe(folder) } });
    for (const body of WORKFLOWS) expect((await system.call('POST', '/v1/workflows', { body })).status).toBe(201);
    return new PageSystem(system, browser);
  }

  /** @param token the credential that the address carries; null for none */
  async visit(token: string | null = this.system.token, look: Look = { size: WIDE, colours: 'light' }): Promise<PageVisit> {
    const opened = await PageVisit.open(this.browser, this.system, look, token);
    this.visits.push(opened);
    return opened;
  }

  async startRun(workflow: string, inputs: object, labels: object = {}): Promise<string> {
    const { status, json, text } = await this.system.call('POST', '/v1/runs', { body: { workflow, inputs, labels } });
    if (status !== 201) throw new Error(text);
    return String(json['runId']);
  }

  /** @returns the key's id and secret */
  async createKey(name: string, role: string): Promise<{ readonly id: string; readonly secret: string }> {
    const { status, json, text } = await this.system.call('POST', '/v1/access/keys', { body: { name, role } });
    if (status !== 201) throw new Error(text);
    return { id: (json['key'] as { readonly id: string }).id, secret: String(json['secret']) };
  }

  /** For `afterEach`: closes the tabs; what their consoles said in error is a fault of the test that had them. */
  async closeVisits(): Promise<void> {
    const visits = this.visits.splice(0);
    const faults = visits.flatMap((one) => one.faults);
    await Promise.all(visits.map((one) => one.close()));
    expect(faults).toEqual([]);
  }
}
