import {
  EVENT_TYPE,
  STREAM_NAME,
  START,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type RegexFilter,
} from '@eventstore/db-client';
import type { RecordedEvent, Runtime } from '@tutti/kernel';
import type { EventFilter, EventSubscription, SubscribeOptions } from '../event-store.port.js';
import { isPassing, storeError } from './client-errors.js';
import { matches, place, positionOf, type LogReader } from './log-reader.js';
import { isHidden, recordedEvent } from './recorded-event.js';

const DEFAULT_MAX_BATCH = 1_000;
/** Nothing came for so long: it is looked whether there is more that did not match. */
const IDLE_MS = 50;
const IDLE_MAX_MS = 1_000;
const RECONNECT_MS = 100;
const RECONNECT_MAX_MS = 3_000;
const MAX_HELD = 2_000;

interface Item {
  readonly position: number;
  /** Null for what only says how far the server has looked. */
  readonly event: RecordedEvent | null;
}

interface FollowingParts {
  readonly client: EventStoreDBClient;
  readonly reader: LogReader;
  readonly runtime: Runtime;
  readonly onEnd: (following: Following) => void;
}

/**
 * A catch-up subscription with the server's filter. The server says only now and then how far it has looked through what does not match, so at rest the end of the log is
 * read as well. A connection that breaks is made again from the last position.
 */
export class Following implements EventSubscription {
  readonly ended: Promise<void>;
  /** Handed over, or known not to match, up to here. */
  private cursor: number;
  private held: Item[] = [];
  private source: AllStreamSubscription | null = null;
  private failure: Error | null = null;
  private closing = false;
  private wake: () => void = () => {};

  constructor(
    private readonly options: SubscribeOptions,
    private readonly parts: FollowingParts,
  ) {
    this.cursor = options.after;
    this.ended = this.run().finally(() => {
      this.disconnect();
      parts.onEnd(this);
    });
  }

  close(): Promise<void> {
    this.closing = true;
    this.wake();
    return this.ended.catch(() => undefined);
  }

  private async run(): Promise<void> {
    // The subscriber gets its subscription before its first batch.
    await this.pause(0);
    let reconnectMs = RECONNECT_MS;
    let idleMs = IDLE_MS;
    while (!this.closing) {
      try {
        if (this.source === null) await this.connect();
        if (this.held.length === 0) await this.pause(idleMs);
        if (this.closing) return;
        if (this.held.length > 0) {
          idleMs = IDLE_MS;
          await this.handOver(this.take());
        } else if (this.failure !== null) {
          throw this.failure;
        } else {
          idleMs = Math.min(idleMs * 2, IDLE_MAX_MS);
          await this.lookOn();
        }
        reconnectMs = RECONNECT_MS;
      } catch (error) {
        this.disconnect();
        // What the subscriber threw it gets back as it is.
        if (error instanceof HandlerFailure) throw error.cause as Error;
        if (!isPassing(error) && !(error instanceof ConnectionEnded)) throw storeError(error);
        await this.pause(reconnectMs);
        reconnectMs = Math.min(reconnectMs * 2, RECONNECT_MAX_MS);
      }
    }
  }

  private async connect(): Promise<void> {
    this.failure = null;
    this.held = [];
    // The server takes places where an event stands; one that is yet to come it has never heard of.
    const from = Math.min(this.cursor, await this.parts.reader.head());
    const source = this.parts.client.subscribeToAll({
      fromPosition: from < 0 ? START : place(from),
      filter: {
        ...serverFilter(this.options.filter),
        checkpointReached: (_, { prepare }) => this.hold({ position: Number(prepare), event: null }),
      },
    });
    this.source = source;
    source.on('data', (resolved: AllStreamResolvedEvent) => this.receive(source, resolved));
    source.on('error', (error) => this.fail(source, error));
    source.on('end', () => this.fail(source, null));
    source.on('close', () => this.fail(source, null));
  }

  private disconnect(): void {
    const { source } = this;
    this.source = null;
    this.held = [];
    if (source === null) return;
    source.removeAllListeners('data');
    void source.unsubscribe().catch(() => {});
    source.destroy();
  }

  private receive(source: AllStreamSubscription, { event }: AllStreamResolvedEvent): void {
    if (source !== this.source || event === undefined || isHidden(event.streamId)) return;
    try {
      this.hold({ position: positionOf(event), event: recordedEvent(event) });
    } catch (error) {
      this.fail(source, error);
    }
    if (this.held.length >= MAX_HELD) source.pause();
  }

  private hold(item: Item): void {
    this.held.push(item);
    this.wake();
  }

  private fail(source: AllStreamSubscription, error: unknown): void {
    if (source !== this.source) return;
    this.failure ??= error instanceof Error ? error : new ConnectionEnded();
    this.wake();
  }

  private take(): { readonly events: readonly RecordedEvent[]; readonly head: number } {
    const { maxBatch = DEFAULT_MAX_BATCH, filter } = this.options;
    const events: RecordedEvent[] = [];
    let head = this.cursor;
    let taken = 0;
    for (const { position, event } of this.held) {
      if (events.length >= maxBatch) break;
      taken += 1;
      if (position <= this.cursor) continue;
      head = position;
      if (event !== null && matches(event, filter)) events.push(event);
    }
    this.held = this.held.slice(taken);
    if (this.source?.isPaused() === true && this.held.length < MAX_HELD / 2) this.source.resume();
    return { events, head };
  }

  /** Nothing comes: what stands behind the cursor does not match, or is on its way; either is read here. */
  private async lookOn(): Promise<void> {
    const { reader } = this.parts;
    if ((await reader.head()) <= this.cursor) return;
    const { maxBatch = DEFAULT_MAX_BATCH, filter } = this.options;
    for await (const page of reader.forwards(this.cursor + 1)) {
      for (let start = 0; start < page.length; start += maxBatch) {
        const part = page.slice(start, start + maxBatch);
        const head = part.at(-1)?.position ?? this.cursor;
        if (this.closing) return;
        if (head > this.cursor)
          await this.handOver({ events: part.filter((event) => event.position > this.cursor && matches(event, filter)), head });
      }
      // What has come meanwhile is taken from there.
      if (this.held.length > 0) return;
    }
  }

  private async handOver({ events, head }: { readonly events: readonly RecordedEvent[]; readonly head: number }): Promise<void> {
    if (head <= this.cursor) return;
    this.cursor = head;
    try {
      await this.options.onBatch(events, head);
    } catch (cause) {
      throw new HandlerFailure(cause);
    }
  }

  private async pause(ms: number): Promise<void> {
    if (this.closing) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.wake = resolve;
    const cancel = this.parts.runtime.timers.after(ms, resolve);
    await promise;
    cancel();
  }
}

class ConnectionEnded extends Error {}

/** Sets what the subscriber threw apart from what the server said. */
class HandlerFailure extends Error {
  constructor(cause: unknown) {
    super('the handler failed', { cause });
  }
}

function serverFilter(filter: EventFilter = {}): RegexFilter {
  const { categories, types } = filter;
  const either = (names: readonly string[]): string => names.map((name) => name.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')).join('|');
  // The server filters by one of the two; the rest is done here.
  if (categories !== undefined && categories.length > 0)
    return { filterOn: STREAM_NAME, regex: `^(${either(categories)})(-|$)`, checkpointInterval: 1 };
  if (types !== undefined && types.length > 0) return { filterOn: EVENT_TYPE, regex: `^(${either(types)})$`, checkpointInterval: 1 };
  return { filterOn: STREAM_NAME, regex: '^[^$]', checkpointInterval: 1 };
}
