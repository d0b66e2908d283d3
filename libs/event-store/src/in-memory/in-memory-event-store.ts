import {
  chainedRecord,
  chainHash,
  isoTime,
  type JsonObject,
  type JsonValue,
  type NewEvent,
  type RecordedEvent,
  type Runtime,
  TuttiError,
} from '@tutti/kernel';
import { checkExpectedRevision, checkRepeat, prepareAppend, type PreparedAppend } from '../append-rules.js';
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
import { eventMatcher, type EventMatcher } from '../event-filter.js';
import { InMemorySubscription } from './in-memory-subscription.js';

/** What outlives a store in memory: hand it to the next one to stand for a restart. */
export class InMemoryLog {
  readonly events: RecordedEvent[] = [];
  readonly snapshots = new Map<string, Snapshot>();

  copy(): InMemoryLog {
    const copy = new InMemoryLog();
    copy.events.push(...this.events);
    for (const [stream, snapshot] of this.snapshots) copy.snapshots.set(stream, snapshot);
    return copy;
  }
}

export interface InMemoryEventStore extends EventStore {
  close(): Promise<void>;
}

/** Keeps every guarantee of the port except surviving the process. Reads are linear: for tests. */
export function createInMemoryEventStore(runtime: Runtime, log: InMemoryLog = new InMemoryLog()): InMemoryEventStore {
  return new MemoryEventStore(runtime, log);
}

/** In small steps, so that a faulty store can do one of them wrong. */
export class MemoryEventStore implements InMemoryEventStore {
  protected readonly subscriptions = new Set<InMemorySubscription>();
  protected closed = false;

  constructor(
    protected readonly runtime: Runtime,
    protected readonly log: InMemoryLog,
  ) {}

  async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    const append = this.prepare(stream, events, expected);
    await this.nextTurn();
    this.assertOpen();
    return this.apply(append);
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    yield* this.read(this.streamEvents(stream), options, (event) => event.revision);
  }

  async *readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    const matching = this.log.events.filter(this.matcher(options.filter));
    yield* this.read(matching, options, (event) => event.position);
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    this.assertOpen();
    const subscription = this.follow(options);
    this.subscriptions.add(subscription);
    return subscription;
  }

  async head(): Promise<number> {
    return this.log.events.at(-1)?.position ?? -1;
  }

  async loadSnapshot(stream: string): Promise<Snapshot | null> {
    return this.log.snapshots.get(stream) ?? null;
  }

  async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    const kept = this.log.snapshots.get(stream);
    const ahead = kept === undefined ? 1 : snapshot.revision - kept.revision || snapshot.schemaVersion - kept.schemaVersion;
    if (ahead > 0) this.log.snapshots.set(stream, { ...snapshot, state: JSON.parse(JSON.stringify(snapshot.state)) as JsonValue });
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
  }

  protected prepare(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
    return prepareAppend(stream, events, expected);
  }

  protected apply(append: PreparedAppend): Promise<AppendResult> | AppendResult {
    const existing = this.streamEvents(append.stream);
    const repeated = this.findRepeat(append, existing);
    if (repeated !== null) return result(repeated);
    this.checkExpected(append, existing.length - 1);
    return this.store(this.record(append, existing));
  }

  protected findRepeat(append: PreparedAppend, existing: readonly RecordedEvent[]): readonly RecordedEvent[] | null {
    const byId = new Map(existing.map((event) => [event.id, event]));
    const found = append.events.flatMap(({ id }) => byId.get(id) ?? []);
    if (found.length === 0) return null;
    checkRepeat(append, found);
    return found;
  }

  protected checkExpected({ stream, expected }: PreparedAppend, actual: number): void {
    checkExpectedRevision(stream, expected, actual);
  }

  /** From the stored texts, so that nothing is shared with the caller. */
  protected record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    const recorded: RecordedEvent[] = [];
    for (const [index, { id, type, schemaVersion }] of append.events.entries()) {
      recorded.push({
        id,
        type,
        schemaVersion,
        data: JSON.parse(append.data[index] ?? '') as JsonObject,
        metadata: JSON.parse(append.metadata[index] ?? '') as RecordedEvent['metadata'],
        contentType: 'application/json',
        stream: append.stream,
        revision: existing.length + index,
        position: this.nextPosition() + index,
        time: isoTime(this.runtime.clock.now()),
        previousHash: this.link(recorded.at(-1) ?? existing.at(-1)),
      });
    }
    return recorded;
  }

  protected nextPosition(): number {
    return (this.log.events.at(-1)?.position ?? -1) + 1;
  }

  protected link(previous: RecordedEvent | undefined): string | null {
    return previous === undefined ? null : chainHash(chainedRecord(previous));
  }

  /** Durable and visible in one. */
  protected store(events: readonly RecordedEvent[]): Promise<AppendResult> | AppendResult {
    this.log.events.push(...events);
    for (const subscription of this.subscriptions) subscription.wakeUp();
    return result(events);
  }

  protected streamEvents(stream: string): readonly RecordedEvent[] {
    return this.log.events.filter((event) => event.stream === stream);
  }

  protected matcher(filter?: EventFilter): EventMatcher {
    return eventMatcher(filter);
  }

  protected follow(options: SubscribeOptions): InMemorySubscription {
    return new InMemorySubscription(
      options,
      () => this.log.events,
      this.matcher(options.filter),
      () => this.nextTurn(),
    );
  }

  protected async *read(
    events: readonly RecordedEvent[],
    { direction, from, limit }: ReadOptions,
    place: (event: RecordedEvent) => number,
  ): AsyncIterable<RecordedEvent> {
    const ordered = direction === 'backwards' ? [...events].reverse() : events;
    const wanted = ordered.filter(
      (event) => from === undefined || (direction === 'backwards' ? place(event) <= from : place(event) >= from),
    );
    this.assertOpen();
    for (const event of wanted.slice(0, limit)) {
      this.assertOpen();
      yield event;
    }
  }

  protected assertOpen(): void {
    if (this.closed) throw new TuttiError('SHUTTING_DOWN', 'event store in memory is closed');
  }

  protected nextTurn(): Promise<void> {
    return new Promise((resolve) => this.runtime.timers.soon(resolve));
  }
}

export function result(events: readonly RecordedEvent[]): AppendResult {
  const last = events.at(-1);
  return { revision: last?.revision ?? -1, position: last?.position ?? -1, events };
}
