import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MAIN = join(ROOT, 'services', 'standalone', 'dist', 'main.js');
const CLI = join(ROOT, 'services', 'cli', 'bin', 'tutti.mjs');
const READY_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 30_000;
const CALL_LIMIT_MS = 20_000;

const folders: string[] = [];
const running = new Set<ChildProcess>();

/** The programs as they are built from the sources that the test was started with. */
export function build(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs')], { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the build failed: ${stderr}`);
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-e2e-'));
  folders.push(folder);
  return folder;
}

/** For `afterAll`: ends what a failed test left running and removes every temporary folder. */
export async function cleanUp(): Promise<void> {
  await Promise.all([...running].map((child) => endChild(child, 'SIGKILL')));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A process of the pinned Node whose output is kept. */
export class Program {
  out = '';
  err = '';
  readonly ended: Promise<Ended>;
  private readonly child: ChildProcess;
  private readonly lookers = new Set<() => void>();

  constructor(args: readonly string[], options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> }) {
    const env = { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env };
    this.child = spawn(process.execPath, [...args], { cwd: options.cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.child);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.look((this.out += text)));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.look((this.err += text)));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code) => {
        running.delete(this.child);
        resolve({ code, out: this.out, err: this.err });
        this.look('');
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The match in the standard output, once it is there. Rejects when the process ends before, and after the limit. */
  async printed(pattern: RegExp, limitMs: number = READY_LIMIT_MS): Promise<RegExpExecArray> {
    const begun = performance.now();
    for (;;) {
      const found = pattern.exec(this.out);
      if (found !== null) return found;
      const left = limitMs - (performance.now() - begun);
      if (!this.isAlive || left <= 0) throw new Error(`never printed ${String(pattern)}: ${this.out}\n${this.err}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, left);
        const { lookers } = this;
        function done(): void {
          clearTimeout(timer);
          lookers.delete(done);
          resolve();
        }
        lookers.add(done);
      });
    }
  }

  /** Asks it to end, and ends it by force after the limit. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    await endChild(this.child, signal);
    return this.ended;
  }

  private look(_: string): void {
    for (const looker of [...this.lookers]) looker();
  }
}

async function endChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await gone;
  clearTimeout(timer);
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed when the answer says that it is JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text or bytes, else as JSON. */
  readonly body?: unknown;
}

interface StandaloneOptions {
  readonly folder?: string;
  /** What `tutti.yaml` in the folder holds. */
  readonly config?: object;
  readonly args?: readonly string[];
}

/** The standalone process, serving on a free port with its data below a temporary folder. */
export class Standalone {
  readonly token: string;
  private readonly connections = new Agent({ keepAlive: true, maxSockets: 64 });

  private constructor(
    readonly folder: string,
    readonly program: Program,
    readonly url: string,
  ) {
    this.token = readFileSync(join(this.dataDir, 'token'), 'utf8').trim();
  }

  static launch({ folder = temporaryFolder(), config = {}, args = [] }: StandaloneOptions = {}): {
    readonly folder: string;
    readonly program: Program;
  } {
    writeFileSync(join(folder, 'tutti.yaml'), stringify(config));
    return { folder, program: new Program([MAIN, '--data-dir', join(folder, 'data'), '--port', '0', ...args], { cwd: folder }) };
  }

  static async start(options: StandaloneOptions = {}): Promise<Standalone> {
    const { folder, program } = Standalone.launch(options);
    const [, url = ''] = await program.printed(/^ready (\S+)$/m);
    return new Standalone(folder, program, url);
  }

  get dataDir(): string {
    return join(this.folder, 'data');
  }

  call(method: string, path: string, { headers = {}, body }: CallOptions = {}): Promise<Answer> {
    const raw = typeof body === 'string' || body instanceof Uint8Array ? body : body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const sent = request(
        `${this.url}${path}`,
        {
          method,
          agent: this.connections,
          timeout: CALL_LIMIT_MS,
          headers: {
            authorization: `Bearer ${this.token}`,
            ...(raw === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(raw) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const isJson = /[/+]json\b/.test(response.headers['content-type'] ?? '');
            const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
          });
        },
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered within ${CALL_LIMIT_MS} ms`)));
      sent.on('error', reject);
      sent.end(raw);
    });
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    this.connections.destroy();
    return this.program.stop(signal);
  }
}

/** A command of the CLI in the folder, on the folder's data. */
export function tutti(folder: string, ...args: readonly string[]): Program {
  return new Program([CLI, ...args, '--data-dir', join(folder, 'data')], { cwd: folder });
}
