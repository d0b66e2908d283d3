import { join } from 'node:path';
import { root } from '../product/paths.js';
import { Standalone } from '../product/standalone-process.js';
import { pause } from '../product/waiting.js';

const here = join(root, 'test', 'load');
const REQUEST_LIMIT_MS = 60_000;
const BETWEEN_LOOKS_MS = 100;
const WHEN_BUSY_MS = 500;

export interface Run {
  readonly id: string;
  readonly status: string;
  readonly outputs?: unknown;
  readonly error?: unknown;
}

/** The product with the heap probe, and the agents and workflows that stand beside this file. */
export class LoadedProcess {
  private constructor(readonly standalone: Standalone) {}

  static async start(): Promise<LoadedProcess> {
    const standalone = await Standalone.start({
      config: {
        workflowFolders: [join(here, 'workflows')],
        workers: { agentFolders: [join(here, 'echo-agents')], agentPackages: [] },
      },
      nodeArgs: ['--expose-gc', '--import', join(here, 'heap-probe.mjs')],
    });
    return new LoadedProcess(standalone);
  }

  async startRun(workflow: string, inputs: unknown): Promise<string> {
    return ((await this.ask('POST', '/v1/runs', { workflow, inputs })) as { readonly runId: string }).runId;
  }

  /** The run once it has ended. */
  async ended(id: string, limitMs: number): Promise<Run> {
    for (const signal = AbortSignal.timeout(limitMs); ; await pause(BETWEEN_LOOKS_MS)) {
      const { run } = (await this.ask('GET', `/v1/runs/${id}`)) as { readonly run: Run };
      if (run.status !== 'running') return run;
      if (signal.aborted) throw new Error(`run ${id} has not ended within ${limitMs} ms`);
    }
  }

  private async ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    for (const signal = AbortSignal.timeout(REQUEST_LIMIT_MS); ; await pause(WHEN_BUSY_MS)) {
      const { status, text, json } = await this.standalone.call(method, path, { limitMs: REQUEST_LIMIT_MS, body });
      // Nothing was done: a client asks again when the machine is less busy.
      if (status === 429 && !signal.aborted) continue;
      if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${text}`);
      return json;
    }
  }
}
