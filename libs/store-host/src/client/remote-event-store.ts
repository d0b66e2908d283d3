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
import type { HostLink } from './host-link.js';
import { readList } from './read-list.js';
import { RemoteSubscription } from './remote-subscription.js';

/**
 * The event store of another process. An append whose answer was lost with the connection is sent again, so it is answered as though nothing had
 * happened; everything else under way then fails with STORE_UNAVAILABLE, which is retryable.
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
    return readList<RecordedEvent>(this.link, 'store.readStream', [stream, options]);
  }

  readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    return readList<RecordedEvent>(this.link, 'store.readAll', [options]);
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    this.link.refuseWhenClosed();
    const subscription = new RemoteSubscription(this.link, options, () => this.#subscriptions.delete(subscription));
    this.#subscriptions.add(subscription);
    return subscription;
  }

  head(): Promise<number> {
    return this.link.call('store.head', []);
  }

  loadSnapshot(stream: string): Promise<Snapshot | null> {
    return this.link.call('store.loadSnapshot', [stream]);
  }

  async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    await this.link.call('store.saveSnapshot', [stream, snapshot]);
  }

  /** Ends the subscriptions, each after the batch at hand. */
  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
  }
}

/** From the texts that were measured. */
function appendArguments({ stream, expected, events, data, metadata }: PreparedAppend): string {
  const texts = events.map(({ id, type, schemaVersion }, index) => {
    const head = JSON.stringify({ id, type, schemaVersion });
    return `${head.slice(0, -1)},"data":${data[index] ?? 'null'},"metadata":${metadata[index] ?? 'null'}}`;
  });
  return `[${JSON.stringify(stream)},[${texts.join(',')}],${JSON.stringify(expected)}]`;
}
