import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Cancel, Runtime } from '@tutti/kernel';
import { findProcesses, startTicksOf, type ProcessRoot } from './process-tree.js';
import type { Program, ProgramEnd, ProgramListener, ProgramSpec, ProgramStarter } from './program.port.js';

/** In the environment of every process of a program, so that those which left its process group are found. */
const MARK = 'TUTTI_PROGRAM';
/** Processes may start others while they are being ended; looked for again this often. */
const SWEEP_ROUNDS = 20;
const SWEEP_PAUSE_MS = 20;
/** Output still on its way when the program has ended and nothing of it is left. */
const DRAIN_MS = 1_000;

/** Starts programs as child processes, each in a process group of its own. Those still there when this process exits are ended by force. */
export class NodeProgramStarter implements ProgramStarter {
  private readonly running = new Set<NodeProgram>();

  constructor(private readonly runtime: Pick<Runtime, 'timers' | 'ids'>) {}

  start(spec: ProgramSpec, listener: ProgramListener): Program {
    const program = new NodeProgram(spec, listener, this.runtime);
    if (this.running.size === 0) process.on('exit', this.killAll);
    this.running.add(program);
    void program.ended.then(() => {
      this.running.delete(program);
      if (this.running.size === 0) process.off('exit', this.killAll);
    });
    return program;
  }

  private readonly killAll = (): void => {
    for (const program of this.running) program.signal('SIGKILL');
  };
}

class NodeProgram implements Program {
  readonly ended: Promise<ProgramEnd>;
  private root: ProcessRoot | null = null;
  private force: { readonly dueMs: number; readonly cancel: Cancel } | null = null;
  /**
   * Whether what is left may be ended by force: so for what a program that ended by itself leaves behind, but not while it was asked to end
   * and has time to.
   */
  private forced = true;
  private over = false;

  constructor(
    spec: ProgramSpec,
    listener: ProgramListener,
    private readonly runtime: Pick<Runtime, 'timers' | 'ids'>,
  ) {
    this.ended = this.run(spec, listener).finally(() => {
      this.over = true;
      this.force?.cancel();
    });
  }

  end(graceMs: number): void {
    if (this.over || (this.force !== null && this.force.dueMs <= graceMs)) return;
    if (this.force === null) {
      this.forced = false;
      this.signal('SIGTERM');
    }
    this.force?.cancel();
    const cancel = this.runtime.timers.after(graceMs, () => {
      this.forced = true;
      this.signal('SIGKILL');
    });
    this.force = { dueMs: graceMs, cancel };
  }

  private async run(spec: ProgramSpec, listener: ProgramListener): Promise<ProgramEnd> {
    const id = this.runtime.ids.next();
    let child: ChildProcessWithoutNullStreams;
    try {
      const [file, ...args] = spec.command;
      child = spawn(file, args, {
        cwd: spec.cwd,
        env: { ...spec.env, [MARK]: id },
        detached: process.platform !== 'win32',
        stdio: 'pipe',
        windowsHide: true,
      });
    } catch (error) {
      return notStarted(error);
    }
    if (child.pid !== undefined) this.root = { pid: child.pid, startTicks: startTicksOf(child.pid), mark: `${MARK}=${id}` };
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exited = new Promise<ProgramEnd>((resolve) => {
      child.once('exit', (code, signal) =>
        resolve(code === null ? { how: 'killed', signal: signal ?? 'unknown' } : { how: 'exited', code }),
      );
      // Also told of a signal that could not be sent; only a child without a process id never ran.
      child.on('error', (error) => child.pid === undefined && resolve(notStarted(error)));
    });
    child.stdout.on('data', listener.onStdout);
    child.stderr.on('data', listener.onStderr);
    // EPIPE: a program need not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(spec.input);
    const end = await exited;
    if (end.how === 'not-started') return end;
    await this.sweep();
    // What left no process behind holds no pipe; one that was missed must not hold up the result.
    const cancel = this.runtime.timers.after(DRAIN_MS, () => {
      child.stdout.destroy();
      child.stderr.destroy();
    });
    await closed;
    cancel();
    return end;
  }

  /** Ends whatever the program left behind. */
  private async sweep(): Promise<void> {
    while (!this.forced && this.root !== null && findProcesses(this.root).length > 0) await this.pause();
    for (let round = 0; round < SWEEP_ROUNDS; round++) {
      if (this.signal('SIGKILL') === 0) return;
      await this.pause();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.runtime.timers.after(SWEEP_PAUSE_MS, resolve));
  }

  /** How many live processes were found. Each is signalled once: many programs take a second SIGTERM for impatience. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): number {
    if (this.root === null) return 0;
    // Looked up before the group is hit: afterwards, a child whose parent has ended can only be told by its mark.
    const found = findProcesses(this.root);
    send(process.platform === 'win32' ? this.root.pid : -this.root.pid, signal);
    for (const { pid, group } of found) if (group !== this.root.pid) send(pid, signal);
    return found.length;
  }
}

/** A process that ended meanwhile needs no signal. */
function send(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    return;
  }
}

function notStarted(error: unknown): ProgramEnd {
  const { code, message } = error as NodeJS.ErrnoException;
  return { how: 'not-started', code: code ?? 'UNKNOWN', message: message ?? String(error) };
}
