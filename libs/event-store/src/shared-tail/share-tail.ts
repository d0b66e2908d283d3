import type { JsonObject, NewEvent, RecordedEvent } from '@tutti/kernel';
import type {
  AppendResult,
  EventFilter,
  EventStore,
  EventSubscription,
  ExpectedRevision,
  ReadOptions,
  Snapshot,
  SubscribeOptions,
} from '../event-store.port.js';
import { TailSubscription } from './tail-subscription.js';
import { Tail } from './tail.js';

export interface SharedTailOptions {
  /** Newest events that are kept; a subscription that is further behind reads the log. Default 4,000. */
  readonly maxEvents?: number;
}

const DEFAULT_MAX_EVENTS = 4_000;

/**
 * The same store, with one subscription to it for all that are made of it: what is decoded for each subscription on a connection, as with a server elsewhere, is decoded once for a process.
 * Closing what is given ends its subscriptions and leaves the store open.
 */
export function shareTail<Store extends EventStore>(
  store: Store,
  options: SharedTailOptions = {},
): EventStore & { close(): Promise<void> } {
  return new SharedTailStore(store, options.maxEvents ?? DEFAULT_MAX_EVENTS);
}

class SharedTailStore implements EventStore {
  private tail: Tail | null = null;
  private readonly subscriptions = new Set<EventSubscription>();

  constructor(
    private readonly store: EventStore,
    private readonly maxEvents: number,
  ) {}

  append<Data extends JsonObject>(stream: string, events: readonly NewEvent<Data>[], expected: ExpectedRevision): Promise<AppendResult> {
    return this.store.append(stream, events, expected);
  }

  readStream(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent> {
    return this.store.readStream(stream, options);
  }

  readAll(options?: ReadOptions & { readonly filter?: EventFilter }): AsyncIterable<RecordedEvent> {
    return this.store.readAll(options);
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    if (this.tail === null || this.tail.isOver) this.tail = new Tail(this.store, this.maxEvents);
    const subscription = new TailSubscription(options, this.store, this.tail);
    this.subscriptions.add(subscription);
    const forget = (): void => void this.subscriptions.delete(subscription);
    subscription.ended.then(forget, forget);
    return subscription;
  }

  head(): Promise<number> {
    return this.store.head();
  }

  loadSnapshot(stream: string): Promise<Snapshot | null> {
    return this.store.loadSnapshot(stream);
  }

  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    return this.store.saveSnapshot(stream, snapshot);
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await this.tail?.close();
  }
}
