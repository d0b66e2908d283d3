import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { inModules, root } from './paths.mjs';

// On Ctrl-C the terminal signals the whole group and npm forwards the signal once more: one press, up to two arrivals.
const SAME_SIGNAL_WINDOW_MS = 500;
const PARENT_CHECK_MS = 500;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const posix = process.platform !== 'win32';

/**
 * Runs one child at a time. A signal to this process reaches a supervised child exactly once; a child that was not given a group of its
 * own shares the terminal's. When npm, our parent, is gone without a word, the child is asked to stop. After a signal no further child starts.
 */
export class Supervisor {
  #child;
  #signal;
  #lastArrival = new Map();
  #parent = process.ppid;
  #parentCheck;

  constructor() {
    for (const signal of FORWARDED) process.on(signal, this.#onSignal);
    if (posix && process.env.npm_lifecycle_event !== undefined) {
      this.#parentCheck = setInterval(() => {
        if (process.ppid !== this.#parent) this.#stopAfterParent();
      }, PARENT_CHECK_MS);
      this.#parentCheck.unref();
    }
  }

  /** Gives the child's exit code, or 128 + the number of the signal that ended it. */
  async run(executable, args, { supervised = false, shell = false } = {}) {
    if (this.#signal !== undefined) return exitCodeOf(null, this.#signal);
    const child = spawn(executable, args, {
      cwd: root,
      env: { ...process.env, PATH: [dirname(executable), inModules('.bin'), process.env.PATH].join(delimiter) },
      stdio: supervised ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
      detached: supervised && posix,
      shell,
    });
    this.#child = child;
    try {
      return await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code, signal) => resolve(exitCodeOf(code, signal)));
      });
    } catch (error) {
      console.error(`Could not start ${executable}: ${error.message}`);
      return 1;
    } finally {
      this.#child = undefined;
    }
  }

  close() {
    clearInterval(this.#parentCheck);
    for (const signal of FORWARDED) process.off(signal, this.#onSignal);
  }

  #onSignal = (signal) => {
    const now = performance.now();
    const isRepeat = now - (this.#lastArrival.get(signal) ?? -Infinity) < SAME_SIGNAL_WINDOW_MS;
    this.#lastArrival.set(signal, now);
    if (isRepeat) return;
    this.#signal = signal;
    this.#child?.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };

  #stopAfterParent() {
    clearInterval(this.#parentCheck);
    this.#onSignal('SIGTERM');
  }
}

function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}
