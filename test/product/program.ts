import { spawn, type ChildProcess } from 'node:child_process';
import { within } from './waiting.js';

const PRINT_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const END_LIMIT_MS = 60_000;

const running = new Set<Program>();

/** For `afterAll`: ends what a failed test left running. */
export async function killPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.kill()));
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface ProgramOptions {
  readonly cwd: string;
  /** Beside PATH and HOME, which is the working folder; nothing else is handed on. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A process of the pinned Node whose output is kept. An IPC channel tells it when whoever started it is gone. */
export class Program {
  out = '';
  err = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private readonly lookers = new Set<() => void>();

  constructor(args: readonly string[], { cwd, env }: ProgramOptions) {
    this.child = spawn(process.execPath, [...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.add(this);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.heard(() => (this.out += text)));
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.heard(() => (this.err += text)));
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        running.delete(this);
        this.heard(() => resolve({ code, signal, out: this.out, err: this.err }));
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** All that it said, on both streams. */
  get output(): string {
    return `${this.out}${this.err}`;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The match in the standard output, once it is there. Rejects when the process ends before, and after the limit. */
  async printed(pattern: RegExp, limitMs: number = PRINT_LIMIT_MS): Promise<RegExpExecArray> {
    const begun = performance.now();
    for (;;) {
      const found = pattern.exec(this.out);
      if (found !== null) return found;
      const left = limitMs - (performance.now() - begun);
      if (!this.isAlive || left <= 0) throw new Error(`never printed ${String(pattern)}: ${this.output}`);
      await this.nextWord(left);
    }
  }

  /** Its exit code, or the signal that ended it. */
  async outcome(limitMs: number = END_LIMIT_MS): Promise<number | NodeJS.Signals> {
    const { code, signal } = await within(limitMs, `process ${this.pid} ends`, this.ended);
    return code ?? signal ?? -1;
  }

  /** Sends the signal if it still runs, and waits for its end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | NodeJS.Signals> {
    if (this.isAlive) this.child.kill(signal);
    return this.outcome();
  }

  /** Asks it to end, and ends it by force after the limit. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.isAlive) this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT_MS);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  private nextWord(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.lookers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.lookers.add(done);
    });
  }

  private heard(take: () => void): void {
    take();
    for (const looker of [...this.lookers]) looker();
  }
}
