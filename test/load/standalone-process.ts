import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'services/standalone/dist/main.js');
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 30_000;
const REQUEST_LIMIT_MS = 60_000;
const PROBE_LIMIT_MS = 20_000;
const BETWEEN_LOOKS_MS = 100;

export interface Run {
  readonly id: string;
  readonly status: string;
  readonly outputs?: unknown;
  readonly error?: unknown;
}

/** The built program as a process of its own, on a folder of its own, with the agents and workflows that stand beside this file. */
export class StandaloneProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async start(): Promise<StandaloneProcess> {
    if (!existsSync(program)) throw new Error(`${program} does not exist; "npm run build" makes it`);
    const folder = await mkdtemp(join(tmpdir(), 'tutti-load-'));
    // JSON is YAML.
    const settings = {
      workflowFolders: [join(here, 'workflows')],
      workers: { agentFolders: [join(here, 'echo-agents')], agentPackages: [] },
    };
    await writeFile(join(folder, 'tutti.yaml'), JSON.stringify(settings));
    const dataDir = join(folder, 'data');
    // The process ends by itself when the IPC channel does, so none is left behind by a test that is killed.
    const probe = ['--expose-gc', '--import', join(here, 'heap-probe.mjs')];
    const child = spawn(process.execPath, [...probe, program, '--data-dir', dataDir, '--port', '0'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    try {
      const url = await readyUrl(child);
      return new StandaloneProcess(child, folder, url, (await readFile(join(dataDir, 'token'), 'utf8')).trim());
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  /** Null when it still runs. */
  get exitCode(): number | null {
    return this.child.exitCode;
  }

  async startRun(workflow: string, inputs: unknown): Promise<string> {
    const body = JSON.stringify({ workflow, inputs });
    return ((await this.ask('POST', '/v1/runs', body)) as { readonly runId: string }).runId;
  }

  /** The run once it has ended. */
  async ended(id: string, limitMs: number): Promise<Run> {
    for (const signal = AbortSignal.timeout(limitMs); ; await pause(BETWEEN_LOOKS_MS)) {
      const { run } = (await this.ask('GET', `/v1/runs/${id}`)) as { readonly run: Run };
      if (run.status !== 'running') return run;
      if (signal.aborted) throw new Error(`run ${id} has not ended within ${limitMs} ms`);
    }
  }

  /** What JavaScript still holds after a full collection, in MiB. */
  async heldMiB(): Promise<number> {
    const answer = once(this.child, 'message', { signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
    this.child.kill('SIGUSR2');
    const [{ heapUsed }] = (await answer) as [{ readonly heapUsed: number }];
    return heapUsed / 1024 / 1024;
  }

  /** Memory that no file stands behind, in MiB: heaps, buffers, stacks. What SQLite maps does not count. */
  async anonymousMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exit = once(this.child, 'exit');
      const limit = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
      this.child.kill('SIGTERM');
      await exit;
      clearTimeout(limit);
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  private async ask(method: 'GET' | 'POST', path: string, body?: string): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(REQUEST_LIMIT_MS),
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the process has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^ready (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`the process ended with ${child.exitCode ?? child.signalCode ?? 'nothing'} before it was ready`);
}
