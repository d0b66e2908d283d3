import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { isBroken, lineage } from './ancestors.mjs';
import { inModules, root } from './paths.mjs';

// On Ctrl-C the terminal signals the whole group and npm forwards the signal once more: one press, up to two arrivals.
const SAME_SIGNAL_WINDOW_MS = 500;
const LINEAGE_CHECK_MS = 250;
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const posix = process.platform !== 'win32';

/**
 * Runs one child at a time. A signal to this process reaches a supervised child exactly once; a child that was not given a group of its
 * own shares the terminal's. When whoever started us (npm, nx) is gone without a word, the child is asked to stop. After a signal no further child starts.
 */
export class Supervisor {
  #child;
  #signal;
  #lastArrival = new Map();
  #lineageCheck;

  constructor() {
    for (const signal of FORWARDED) process.on(signal, this.#onSignal);
    const startedByTool = process.env.npm_command !== undefined || process.env.NX_TASK_TARGET_PROJECT !== undefined;
    if (posix && startedByTool) this.#watchLineage(lineage());
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
    clearInterval(this.#lineageCheck);
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

  #watchLineage(chain) {
    this.#lineageCheck = setInterval(() => {
      if (!isBroken(chain)) return;
      clearInterval(this.#lineageCheck);
      this.#onSignal('SIGTERM');
    }, LINEAGE_CHECK_MS);
    this.#lineageCheck.unref();
  }
}

function exitCodeOf(code, signal) {
  return code ?? 128 + (constants.signals[signal] ?? 0);
}
