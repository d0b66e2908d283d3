import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endpointFor, pause, readServerFile, type ConnectionOptions, type Endpoint } from '@tutti/client/http';
import type { Child, ChildExit, Environment } from '../environment.port.js';
import { createHttpClient } from '../api/http-client.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure, isFailure } from '../failure/failure.js';
import { locateServer } from './locate-server.js';
import { standaloneCommand } from './standalone-entry.js';

export interface OwnSystem {
  readonly endpoint: Endpoint;
  /** Rejects when the system ends before {@link stop} was called; never resolves. */
  readonly died: Promise<never>;
  /** Takes it down and resolves when its process is gone. Repeats answer the first call. Never rejects. */
  stop(): Promise<void>;
}

interface OwnSystemOptions {
  readonly connection: ConnectionOptions;
  readonly dataDir: string;
  readonly port: number | undefined;
  readonly signal: AbortSignal;
}

const READY_LIMIT_MS = 60_000;
const POLL_MS = 50;
const STOP_LIMIT_MS = 20_000;
const LOG_LINES = 8;

/**
 * Starts the standalone process for one command. Its output goes to `cli-system.log` in the data folder. When another process took the folder
 * meanwhile, that one is used and {@link OwnSystem.stop} leaves it alone.
 *
 * @throws Failure NOT_RUNNING with the log's last lines, TIMED_OUT, or INTERRUPTED; no process is left behind then
 */
export async function startOwnSystem(environment: Environment, options: OwnSystemOptions): Promise<OwnSystem> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const log = join(options.dataDir, 'cli-system.log');
  // Port 0: a system for one command must not be in the way of another.
  const child = environment.processes.spawnNode(standaloneCommand({ dataDir: options.dataDir, port: options.port ?? 0, demo: false }), {
    appendTo: log,
  });
  const watch: Watched = { child, exit: null };
  void child.exited.then((exit) => (watch.exit = exit));
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => (stopping ??= stopChild(environment, watch));
  try {
    const url = await untilReady(environment, watch, log, options);
    const endpoint = await endpointFor(new URL(url), options.connection, environment);
    const died = child.exited.then(async (exit): Promise<never> => {
      if (stopping !== null) return new Promise<never>(() => {});
      throw await gone(exit, log, 'ended on its own');
    });
    died.catch(() => {});
    return { endpoint, died, stop };
  } catch (error) {
    await stop();
    const other = isFailure(error, 'NOT_RUNNING') ? await locateServer(options.connection, environment) : null;
    if (other?.kind !== 'found') throw error;
    return { endpoint: other.endpoint, died: new Promise<never>(() => {}), stop: () => Promise.resolve() };
  }
}

interface Watched {
  readonly child: Child;
  exit: ChildExit | null;
}

async function untilReady(environment: Environment, watch: Watched, log: string, options: OwnSystemOptions): Promise<string> {
  const { clock } = environment.runtime;
  const begun = clock.monotonic();
  for (;;) {
    if (options.signal.aborted)
      throw new Failure('INTERRUPTED', 'interrupted while the system was starting', { exitCode: EXIT.interrupted });
    if (watch.exit !== null) throw await gone(watch.exit, log, 'could not start');
    const information = await readServerFile(options.dataDir);
    if (information?.pid === watch.child.pid && (await isReady(environment, information.url))) return information.url;
    if (clock.monotonic() - begun > READY_LIMIT_MS) {
      throw new Failure('TIMED_OUT', `the system was not ready within ${READY_LIMIT_MS / 1000} s${await logTail(log)}`, {
        exitCode: EXIT.timedOut,
        where: log,
      });
    }
    await pause(environment.runtime, POLL_MS, options.signal);
  }
}

async function isReady(environment: Environment, url: string): Promise<boolean> {
  const http = createHttpClient({ url: url.replace(/\/+$/, ''), token: null, actor: 'user:local' }, environment);
  try {
    // One try each: this is asked again soon.
    await http.send({ path: '/health/ready', repeatable: false });
    return true;
  } catch {
    return false;
  }
}

async function stopChild(environment: Environment, watch: Watched): Promise<void> {
  if (watch.exit !== null) return;
  watch.child.kill('SIGTERM');
  const kill = (): void => watch.child.kill('SIGKILL');
  const cancelLimit = environment.runtime.timers.after(STOP_LIMIT_MS, kill);
  // Whoever interrupts while it stops does not want to wait.
  const cancelInterrupt = environment.interrupts.onInterrupt(kill);
  await watch.child.exited;
  cancelInterrupt();
  cancelLimit();
}

async function gone({ code, signal }: ChildExit, log: string, what: string): Promise<Failure> {
  return new Failure('NOT_RUNNING', `the system ${what} (${signal === null ? `exit code ${code}` : signal})${await logTail(log)}`, {
    exitCode: EXIT.notRunning,
    where: log,
    hint: `its log is ${log}`,
  });
}

async function logTail(log: string): Promise<string> {
  try {
    const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES);
    return `; it said last: ${lines.join(' ⏎ ')}`;
  } catch {
    return '';
  }
}
