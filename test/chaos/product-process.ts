import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const fixtures = join(root, 'test', 'chaos', 'fixtures');
const standaloneMain = join(root, 'services', 'standalone', 'dist', 'main.js');

const LEVELS = { warn: 40, error: 50 } as const;

/** What is out of date in `dist`, compiled; nothing to do costs a tenth of a second. */
export function buildProduct(): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`the build failed: ${stderr}`);
}

/** A working folder with a configuration that names the fixtures, and a data folder below it. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'tutti-chaos-'));
  readonly dataDir = join(this.folder, 'data');
  private readonly started: Product[] = [];

  constructor(private readonly witnessUrl: string) {
    const config = {
      workflowFolders: [join(fixtures, 'workflows')],
      workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')], drainMs: 1_500, abortGraceMs: 1_000, killGraceMs: 500 },
    };
    // JSON is YAML too.
    writeFileSync(join(this.folder, 'tutti.yaml'), JSON.stringify(config));
  }

  private get environment(): Readonly<Record<string, string>> {
    return { PATH: process.env['PATH'] ?? '', HOME: this.folder, WITNESS_URL: this.witnessUrl };
  }

  start(): Product {
    return this.startProgram([standaloneMain, '--data-dir', this.dataDir, '--port', '0']);
  }

  /** Something that starts the product itself. */
  startProgram(argv: readonly string[], environment: Readonly<Record<string, string>> = {}): Product {
    const product = new Product(
      spawn(process.execPath, argv, {
        cwd: this.folder,
        env: { ...this.environment, ...environment },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    this.started.push(product);
    return product;
  }

  /** Of the process that serves the data folder, as it says itself; undefined when none does. */
  servedBy(): { readonly url: string; readonly pid: number } | undefined {
    try {
      return JSON.parse(readFileSync(join(this.dataDir, 'server.json'), 'utf8')) as { readonly url: string; readonly pid: number };
    } catch {
      return undefined;
    }
  }

  newest(): Product {
    const product = this.started.at(-1);
    if (product === undefined) throw new Error('nothing was started here');
    return product;
  }

  /** What all lives here logged at this level or above. A line that a kill tore apart is left out. */
  logged(least: keyof typeof LEVELS): readonly string[] {
    const lines = readFileSync(join(this.dataDir, 'tutti.log'), 'utf8').split('\n');
    return lines.filter((line) => Number(/^\{"level":(\d+)/.exec(line)?.[1] ?? 0) >= LEVELS[least]);
  }

  token(): string {
    return readFileSync(join(this.dataDir, 'token'), 'utf8').trim();
  }

  /** Ends whatever still runs, each by its own id. */
  async leave(): Promise<void> {
    await Promise.all(this.started.map((product) => product.kill()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** One life of the real process. */
export class Product {
  private text = '';
  private readonly exited: Promise<number | NodeJS.Signals>;

  constructor(readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (chunk: string) => (this.text += chunk));
    }
    this.exited = once(child, 'exit').then(([code, signal]: readonly unknown[]) => (code ?? signal) as number | NodeJS.Signals);
  }

  get output(): string {
    return this.text;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The gateway's address once it serves. */
  async ready(): Promise<string> {
    return eventually('the process is ready', 60_000, async () => {
      if (this.hasEnded) throw new Error(`the process ended before it was ready:\n${this.text}`);
      return /^ready (\S+)$/m.exec(this.text)?.[1];
    });
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals> {
    if (!this.hasEnded) this.child.kill(signal);
    return this.ended();
  }

  /** Its exit code, or the signal that ended it. */
  async ended(limitMs = 60_000): Promise<number | NodeJS.Signals> {
    return within(limitMs, `process ${this.child.pid} ends`, this.exited);
  }
}

/** The first answer that is not undefined. */
export async function eventually<T>(what: string, limitMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > until) throw new Error(`waited ${limitMs} ms in vain until ${what}`);
    await pause(15);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

async function within<T>(limitMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms in vain until ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
