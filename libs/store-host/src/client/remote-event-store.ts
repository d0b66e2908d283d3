import {
  prepareAppend,
  type AppendResult,
  type EventFilter,
  type EventStore,
  type EventSubscription,
  type ExpectedRevision,
  type PreparedAppend,
  type ReadOptions,
  type Snapshot,
  type SubscribeOptions,
} from '@tutti/event-store';
import type { JsonObject, NewEvent, RecordedEvent } from '@tutti/kernel';
import { ASKED_AGAIN, type HostLink } from './host-link.js';
import { readList } from './read-list.js';
import { RemoteSubscription } from './remote-subscription.js';

/**
 * The event store of another process. What was under way when the connection broke is asked for again on the next, so it is answered as though nothing
 * had happened; an append is one append however often it is sent, and a read goes on behind what it gave.
 */
export class RemoteEventStore implements EventStore {
  readonly #subscriptions = new Set<EventSubscription>();

  constructor(private readonly link: HostLink) {}

  async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.link.refuseWhenClosed();
    const prepared = prepareAppend(stream, events, expected);
    return this.link.callText<AppendResult>('store.append', appendArguments(prepared), { repeatable: true });
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return readList<RecordedEvent>(this.link, 'store.readStream', [stream, options], ({ revision }, count) => {
      const left = optionsAfter(options, revision, count);
      return left === null ? null : [stream, left];
    });
  }

  readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    return readList<RecordedEvent>(this.link, 'store.readAll', [options], ({ position }, count) => {
      const left = optionsAfter(options, position, count);
      return left === null ? null : [left];
    });
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    this.link.refuseWhenClosed();
    const subscription = new RemoteSubscription(this.link, options, () => this.#subscriptions.delete(subscription));
    this.#subscriptions.add(subscription);
    return subscription;
  }

  head(): Promise<number> {
    return this.link.call('store.head', [], ASKED_AGAIN);
  }

  loadSnapshot(stream: string): Promise<Snapshot | null> {
    return this.link.call('store.loadSnapshot', [stream], ASKED_AGAIN);
  }

  async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    await this.link.call('store.saveSnapshot', [stream, snapshot], ASKED_AGAIN);
  }

  /** Ends the subscriptions, each after the batch at hand. */
  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
  }
}

/** What is left of a read that broke off after the `count`th event, at this place; null for nothing. */
function optionsAfter<Options extends ReadOptions>(options: Options, place: number, count: number): Options | null {
  const { direction = 'forwards', limit = Infinity } = options;
  const from = direction === 'forwards' ? place + 1 : place - 1;
  if (from < 0 || count >= limit) return null;
  return { ...options, from, ...(limit !== Infinity && { limit: limit - count }) };
}

/** From the texts that were measured. */
function appendArguments({ stream, expected, events, data, metadata }: PreparedAppend): string {
  const texts = events.map(({ id, type, schemaVersion }, index) => {
    const head = JSON.stringify({ id, type, schemaVersion });
    return `${head.slice(0, -1)},"data":${data[index] ?? 'null'},"metadata":${metadata[index] ?? 'null'}}`;
  });
  return `[${JSON.stringify(stream)},[${texts.join(',')}],${JSON.stringify(expected)}]`;
}
