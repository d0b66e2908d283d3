import { lockDataFolder } from '@tutti/event-store/embedded';
import { isTuttiError, toTuttiError, type TuttiError, type Runtime } from '@tutti/kernel';
import { serveStoreHost } from '../host/store-host.js';
import type { StoreHostLimits } from '../limits.js';
import type { StoreHostLogger } from '../store-ports.js';
import { openFolderPorts, openWritableReadModels, type FolderLayout } from './folder-ports.js';
import { watchWrites } from './watched-writes.js';

/** Between two tries for the lock; half of it at least, so that processes do not try in step. A try costs less than a millisecond. */
const TRY_AGAIN_MS = 60;
/** After a folder that could not be opened, which costs more. */
const FAILED_AGAIN_MS = 1_000;
/** Who holds the folder without sharing it is given this long to end. */
const UNSHARED_LIMIT_MS = 1_000;
const TELL_EVERY_MS = 10_000;

export interface HostingOptions extends FolderLayout {
  readonly dataDir: string;
  readonly socketPath: string;
  readonly minFreeBytes: number;
  readonly runtime: Runtime;
  readonly logger: StoreHostLogger;
  readonly limits?: Partial<StoreHostLimits>;
  /** Whether no host is known to this process. */
  readonly wanted: () => boolean;
  /** Called when `hosting` or `failure` have changed. */
  readonly onChange: () => void;
}

interface OpenedHost {
  close(): Promise<void>;
  abandon(): Promise<void>;
}

interface Held {
  readonly pid: unknown;
  readonly sinceMs: number;
  toldMs: number;
}

/** Takes the folder whenever nobody has it and this process knows no host, and serves it to all until it is closed. */
export class Hosting {
  #host: OpenedHost | null = null;
  #released: Promise<void> = Promise.resolve();
  #failure: TuttiError | null = null;
  #held: Held | null = null;
  #gaveUp = false;
  #closing = false;
  #wake = () => {};
  readonly #running: Promise<void>;

  constructor(private readonly options: HostingOptions) {
    this.#running = this.#run();
  }

  get hosting(): boolean {
    return this.#host !== null;
  }

  /** Why there is no host, as far as this process can tell; it tries on. */
  get failure(): TuttiError | null {
    return this.#failure;
  }

  /** A host was found, or lost. */
  changed(): void {
    this.#wake();
  }

  /** Hands the folder over: whoever was answered is in it, everybody else asks the next host again. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#running;
    const host = this.#host;
    this.#host = null;
    await host?.close();
    await this.#released;
  }

  async #run(): Promise<void> {
    // Whoever opens the folder has it in hand before the first try.
    await this.#pause(0);
    while (!this.#closing) {
      if (this.#gaveUp) {
        this.#gaveUp = false;
        await this.#released;
        await this.#leaveItToOthers();
      } else if (!this.#isWanted()) {
        this.#held = null;
        this.#fail(null);
        await this.#pause(null);
      } else {
        await this.#pause(await this.#try());
      }
    }
  }

  async #leaveItToOthers(): Promise<void> {
    const { clock } = this.options.runtime;
    const untilMs = clock.monotonic() + FAILED_AGAIN_MS;
    while (!this.#closing && clock.monotonic() < untilMs) await this.#pause(untilMs - clock.monotonic());
  }

  #isWanted(): boolean {
    return this.#host === null && this.options.wanted();
  }

  /** How long to wait, in milliseconds. */
  async #try(): Promise<number> {
    const { dataDir, socketPath, runtime, logger, limits = {} } = this.options;
    const begunMs = runtime.clock.monotonic();
    try {
      const lock = lockDataFolder(dataDir, { shared: true });
      const ports = await openFolderPorts({ ...this.options, lock, openReadSide: openWritableReadModels });
      try {
        const eventStore = watchWrites(ports.eventStore, (error) => this.#giveUp(host, error));
        const server = await serveStoreHost({ ports: { ...ports, eventStore }, socketPath, runtime, logger, limits });
        const host: OpenedHost = {
          close: () => server.close().finally(() => ports.close()),
          abandon: () => server.abandon().finally(() => ports.close()),
        };
        this.#host = host;
      } catch (error) {
        await ports.close();
        throw error;
      }
      this.#held = null;
      this.#fail(null);
      this.options.onChange();
      logger.info('hosts the data folder', { dataDir, ms: Math.round(runtime.clock.monotonic() - begunMs) });
      return 0;
    } catch (error) {
      if (isTuttiError(error, 'STORE_LOCKED')) {
        this.#isHeld(error);
        return TRY_AGAIN_MS * (0.5 + runtime.random.next() / 2);
      }
      this.#fail(toTuttiError(error));
      return FAILED_AGAIN_MS;
    }
  }

  /** Whoever shares the folder is about to serve it, however long it takes to open; whoever does not, never will. */
  #isHeld(error: TuttiError): void {
    const { pid, shared } = error.details as Readonly<Record<string, unknown>>;
    const nowMs = this.options.runtime.clock.monotonic();
    const before = this.#held;
    const held = before !== null && before.pid === pid ? before : { pid, sinceMs: nowMs, toldMs: nowMs };
    this.#held = held;
    this.#fail(shared !== true && nowMs - held.sinceMs >= UNSHARED_LIMIT_MS ? error : null);
    if (nowMs - held.toldMs < TELL_EVERY_MS) return;
    held.toldMs = nowMs;
    this.options.logger.warn('waits for the process that holds the data folder to serve it', { pid, waitedMs: nowMs - held.sinceMs });
  }

  /** Opened anew, here or by another process, the store is checked, and takes writes again. */
  #giveUp(host: OpenedHost, error: TuttiError): void {
    if (this.#host !== host) return;
    this.#host = null;
    this.#gaveUp = true;
    this.options.logger.error('gives the data folder up, to be opened anew', { error: error.message });
    this.#released = host.abandon().catch((failure: unknown) => {
      this.options.logger.error('the data folder could not be closed', { error: toTuttiError(failure).message });
    });
    this.options.onChange();
  }

  #fail(error: TuttiError | null): void {
    const before = this.#failure;
    this.#failure = error;
    if (before?.message === error?.message) return;
    if (error !== null) this.options.logger.error('the data folder cannot be had', { error: error.message, code: error.code });
    this.options.onChange();
  }

  /** @param ms null for as long as nothing changes */
  async #pause(ms: number | null): Promise<void> {
    if (this.#closing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const cancel = ms === null ? null : this.options.runtime.timers.after(ms, resolve);
    await promise;
    cancel?.();
  }
}
