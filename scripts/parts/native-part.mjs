import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { answers } from './answers.mjs';
import { freePort } from './free-port.mjs';
import { nativeParts } from './native-parts.mjs';

const START_LIMIT_MS = 90_000;
const STOP_LIMIT_MS = 20_000;
const ASK_EVERY_MS = 100;
const ANSWER_LIMIT_MS = 5_000;

/**
 * A part as a process of its own with a data folder of its own. It keeps its port and its data while it is stopped.
 *
 * @param {{ name: string, guard: object, folder?: string, port?: number }} options a folder that is given stays at the end, with its data
 */
export async function createNativePart({ name, guard, folder, port }) {
  const kind = nativeParts[name];
  const prepared = await kind.prepare();
  const home = folder ?? (await mkdtemp(join(tmpdir(), `tutti-${name}-`)));
  await mkdir(home, { recursive: true });
  if (folder === undefined) guard.removeAtTheEnd(home);
  const ownPort = port ?? (await freePort());
  const part = new NativePart(name, kind, { guard, home, prepared, port: ownPort, keepsFolder: folder !== undefined });
  return part;
}

class NativePart {
  source = 'native';
  #kind;
  #where;
  #child;
  #gone;

  constructor(name, kind, where) {
    this.name = name;
    this.title = kind.title();
    this.address = kind.address(where.port);
    this.port = where.port;
    this.#kind = kind;
    this.#where = where;
  }

  /** The process; undefined while it is stopped. */
  get pid() {
    return this.#child?.pid;
  }

  get log() {
    return join(this.#where.home, 'log');
  }

  /** Resolves when it answers by its own protocol. Starting what runs does nothing. */
  async start() {
    if (this.#child !== undefined) return;
    const { port, home, prepared } = this.#where;
    const steps = await this.#kind.steps({ port, folder: home, prepared });
    const deadline = performance.now() + START_LIMIT_MS;
    for (const step of steps.slice(0, -1)) {
      this.#spawn(step);
      const code = await this.#endsBy(deadline);
      if (code !== 0) throw new Error(this.#failure(`its first step ended with ${code}`));
    }
    this.#spawn(steps.at(-1));
    await this.#answersBy(deadline);
  }

  /** Asks it to end, and ends it when it does not. */
  async stop() {
    await this.#end('SIGTERM', STOP_LIMIT_MS);
  }

  /** Ends it as a crash does. */
  async kill() {
    await this.#end('SIGKILL', STOP_LIMIT_MS);
  }

  /** Stops it and removes its data, unless the folder was given. */
  async close() {
    await this.stop();
    if (!this.#where.keepsFolder) await rm(this.#where.home, { recursive: true, force: true, maxRetries: 10 });
  }

  #spawn({ command, args }) {
    const log = openSync(this.log, 'a');
    // A group of its own: the terminal's Ctrl-C reaches whoever started it, and that one ends it in order.
    const child = spawn(command, args, { cwd: this.#where.home, stdio: ['ignore', log, log], detached: true });
    closeSync(log);
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      const end = (outcome) => {
        if (child.pid !== undefined) this.#where.guard.release(child.pid);
        if (this.#child === child) this.#child = undefined;
        resolve(outcome);
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(code ?? signal));
    });
    if (child.pid !== undefined) this.#where.guard.watch(child.pid);
  }

  async #answersBy(deadline) {
    let last = 'it was never asked';
    const gone = this.#gone;
    let ended;
    void gone.then((outcome) => (ended = { outcome }));
    while (performance.now() < deadline) {
      if (ended !== undefined) throw new Error(this.#failure(`it ended with ${ended.outcome}`));
      try {
        const answer = answers[this.name](this.address).then((version) => ({ version }));
        const answered = await Promise.race([answer, wait(ANSWER_LIMIT_MS, undefined, { ref: false })]);
        if (answered === undefined) throw new Error(`no answer within ${ANSWER_LIMIT_MS / 1000} s`);
        this.answered = answered.version;
        return;
      } catch (error) {
        last = error.message;
      }
      await wait(ASK_EVERY_MS);
    }
    await this.kill();
    throw new Error(this.#failure(`it did not answer at ${this.address} within ${START_LIMIT_MS / 1000} s (${last})`));
  }

  async #endsBy(deadline) {
    const gone = this.#gone;
    const late = new AbortController();
    const outcome = await Promise.race([
      gone,
      wait(Math.max(0, deadline - performance.now()), 'no end in time', { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (outcome === 'no end in time') await this.kill();
    return outcome;
  }

  async #end(signal, limitMs) {
    const child = this.#child;
    if (child === undefined) return;
    const gone = this.#gone;
    child.kill(signal);
    const timer = new AbortController();
    const late = wait(limitMs, 'late', { signal: timer.signal }).catch(() => undefined);
    if ((await Promise.race([gone, late])) === 'late') {
      child.kill('SIGKILL');
      await gone;
    }
    timer.abort();
  }

  #failure(what) {
    return `${this.name}: ${what}. The end of ${this.log}:\n${tailOf(this.log)}`;
  }
}

function tailOf(file) {
  try {
    return readFileSync(file, 'utf8').slice(-2_000);
  } catch {
    return '(nothing)';
  }
}
