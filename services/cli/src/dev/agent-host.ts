import type { Cancel } from '@tutti/kernel';
import type { Child, Environment } from '../environment.port.js';

const READY = /^ready \S+$/;
/** An agent that takes longer to load holds up everything that its author waits for. */
const START_LIMIT_MS = 60_000;
/** It takes nothing new within milliseconds of its signal; after this, it only ends what it has begun. */
const LEAVE_LIMIT_MS = 1_500;
const STOP_LIMIT_MS = 20_000;
const PREFIX = /^tutti agent-workers cannot start: /;

export interface AgentHostOptions {
  readonly environment: Pick<Environment, 'processes' | 'runtime'>;
  /** Arguments of Node that start a worker process. */
  readonly command: readonly string[];
  readonly onLine: (line: string) => void;
  /** The process in force ended without having been told to. */
  readonly onLost: (how: string) => void;
}

export type HostReload =
  /** `leaving`: the process before still ends tasks that it had begun. */
  { readonly ok: true; readonly tookMs: number; readonly leaving: boolean } | { readonly ok: false; readonly lines: readonly string[] };

/**
 * The process that hosts the project's agents. A module that was imported stays as it was for as long as its process lives, so a change of an
 * agent means a new process: it takes over when it is ready, and the one before ends what it has begun, as it would at a shut-down.
 */
export class AgentHost {
  private current: Child | null = null;
  private readonly leaving = new Set<Child>();
  private stopped = false;

  constructor(private readonly options: AgentHostOptions) {}

  /** Puts a new process in the place of the one before; when it cannot start, that one stays. One call at a time. */
  async reload(): Promise<HostReload> {
    const { clock } = this.options.environment.runtime;
    const begun = clock.monotonic();
    const started = await this.launch();
    if ('lines' in started) return { ok: false, lines: started.lines };
    if (this.stopped) {
      started.child.kill('SIGKILL');
      return { ok: false, lines: ['stopped meanwhile'] };
    }
    const before = this.current;
    this.current = started.child;
    const gone = before === null || (await this.leave(before));
    return { ok: true, tookMs: Math.round(clock.monotonic() - begun), leaving: !gone };
  }

  /** Ends every process; those that do not end in time are killed. */
  async stop(): Promise<void> {
    this.stopped = true;
    const all = [...this.leaving, ...(this.current === null ? [] : [this.current])];
    this.current = null;
    await Promise.all(
      all.map(async (child) => {
        child.kill('SIGTERM');
        if (!(await this.ends(child, STOP_LIMIT_MS))) child.kill('SIGKILL');
      }),
    );
  }

  /** Ends every process now. */
  kill(): void {
    for (const child of [...this.leaving, ...(this.current === null ? [] : [this.current])]) child.kill('SIGKILL');
  }

  private async launch(): Promise<{ readonly child: Child } | { readonly lines: readonly string[] }> {
    const { environment, command, onLine, onLost } = this.options;
    const said: string[] = [];
    let isReady = false;
    let ready: () => void = () => {};
    const becameReady = new Promise<true>((resolve) => (ready = () => resolve(true)));
    const child = environment.processes.spawnNode(command, {
      onLine(line) {
        if (isReady) return onLine(line);
        if (!READY.test(line)) return void said.push(line);
        isReady = true;
        said.forEach(onLine);
        ready();
      },
    });
    const failed = child.exited.then(() => false as const);
    const outcome = await this.within(START_LIMIT_MS, Promise.race([becameReady, failed]));
    if (outcome === true) {
      void child.exited.then(({ code, signal }) => {
        if (this.current !== child) return;
        this.current = null;
        onLost(signal ?? `exit code ${code}`);
      });
      return { child };
    }
    if (outcome === undefined) {
      child.kill('SIGKILL');
      said.push(`not ready within ${START_LIMIT_MS / 1000} s`);
    }
    return { lines: said.map((line) => line.replace(PREFIX, '')) };
  }

  /** Whether it is gone already. */
  private async leave(child: Child): Promise<boolean> {
    this.leaving.add(child);
    void child.exited.then(() => this.leaving.delete(child));
    child.kill('SIGTERM');
    return this.ends(child, LEAVE_LIMIT_MS);
  }

  private async ends(child: Child, limitMs: number): Promise<boolean> {
    return (
      (await this.within(
        limitMs,
        child.exited.then(() => true),
      )) === true
    );
  }

  /** Undefined when the time was up first. */
  private async within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value | undefined> {
    let cancel: Cancel = () => {};
    const limit = new Promise<undefined>((resolve) => {
      cancel = this.options.environment.runtime.timers.after(limitMs, () => resolve(undefined));
    });
    try {
      return await Promise.race([promise, limit]);
    } finally {
      cancel();
    }
  }
}
