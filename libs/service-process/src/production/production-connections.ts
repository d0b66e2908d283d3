import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Connections } from '../process-parts.js';

export interface WatchedConnection {
  /** Like `Kafka`. */
  readonly name: string;
  /** Why it is away now; null while it is there. */
  readonly fault: () => string | null;
}

interface ProductionConnectionsParts {
  readonly watched: readonly WatchedConnection[];
  /** Resolves once all were there. @throws TuttiError for what waiting will not mend · SHUTTING_DOWN when closed before */
  readonly first: Promise<unknown>;
  readonly place: string;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: Logger;
}

const LOOK_MS = 250;
/** What all start together need to find each other. */
const FIRST_WORD_MS = 3_000;

/** Whether the event store, broker and database are there. Says in the log when one goes, when it is back, and when one is still waited for at the start. */
export class ProductionConnections implements Connections {
  /** By name, since when on the monotonic clock. */
  private readonly since = new Map<string, number>();
  /** Were never there, and nothing was said of it. */
  private readonly unsaid: Set<string>;
  private readonly listeners = new Set<() => void>();
  private readonly known: Promise<boolean>;
  private readonly answer: (connected: boolean) => void = () => undefined;
  private cancel: Cancel = () => undefined;

  constructor(private readonly parts: ProductionConnectionsParts) {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.known = promise;
    this.known.catch(() => undefined);
    this.answer = resolve;
    parts.first.then(() => {
      this.look();
      resolve(true);
    }, reject);
    for (const { name } of parts.watched) this.since.set(name, parts.runtime.clock.monotonic());
    this.unsaid = new Set(this.since.keys());
    this.lookLater();
  }

  get away(): readonly string[] {
    return this.parts.watched.map(({ name }) => name).filter((name) => this.since.has(name));
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  connected(): Promise<boolean> {
    return this.known;
  }

  storePlace(): string {
    return this.parts.place;
  }

  close(): void {
    this.cancel();
    this.listeners.clear();
    this.answer(false);
  }

  private lookLater(): void {
    const turn = (): void => {
      this.look();
      this.lookLater();
    };
    this.cancel = this.parts.runtime.timers.after(LOOK_MS, turn, 'upkeep');
  }

  private look(): void {
    let hasChanged = false;
    for (const { name, fault } of this.parts.watched) {
      const reason = fault();
      const sinceMs = this.since.get(name);
      const nowMs = this.parts.runtime.clock.monotonic();
      if (reason !== null && this.unsaid.has(name) && nowMs - (sinceMs ?? nowMs) >= FIRST_WORD_MS) {
        this.unsaid.delete(name);
        this.parts.logger.warn(`${name} is not there yet; it is waited for`, { reason });
      }
      if ((reason === null) === (sinceMs === undefined)) continue;
      hasChanged = true;
      if (reason === null && sinceMs !== undefined) {
        this.since.delete(name);
        this.unsaid.delete(name);
        this.parts.logger.info(`${name} is there`, { awayMs: Math.round(nowMs - sinceMs) });
      } else {
        this.since.set(name, nowMs);
        this.parts.logger.warn(`${name} is away; what needs it waits`, { reason });
      }
    }
    if (hasChanged) for (const listener of [...this.listeners]) listener();
  }
}
