import {
  ErrorType,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  type AppendResult as ServerAppend,
  type JSONEventData,
} from '@eventstore/db-client';
import {
  chainedRecord,
  chainHash,
  isoTime,
  TuttiError,
  type JsonObject,
  type NewEvent,
  type RecordedEvent,
  type Runtime,
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
import { isPassing, isType, NoAnswer, storeError } from './client-errors.js';
import { Following } from './following.js';
import { KnownStream, KnownStreams } from './known-streams.js';
import { LogReader } from './log-reader.js';
import { snapshotStream } from './recorded-event.js';
import { ServerSnapshots } from './server-snapshots.js';
import { wireMetadata } from './wire-event.js';

const DEFAULT_APPEND_LIMIT_MS = 30_000;
const DEFAULT_CALL_LIMIT_MS = 5_000;
const DEFAULT_REMEMBERED_EVENTS = 200_000;
const AGAIN_MS = 50;
const AGAIN_MAX_MS = 2_000;

export interface EventStoreDbOptions {
  /** As the server's documentation has it, with credentials and TLS: `esdb://user:password@host:2113?tls=true`. */
  readonly connectionString: string;
  readonly runtime: Runtime;
  /** How long an append is tried while the server is away. Default 30,000. */
  readonly appendLimitMs?: number;
  /** Longest wait for one answer; then it is asked again. Default 5,000. */
  readonly callLimitMs?: number;
  /** Of the streams written lately the ids of so many events are kept, so that a repeated append is known. Default 200,000. */
  readonly rememberedEvents?: number;
}

export interface EventStoreDbEventStore extends EventStore {
  /** Refuses new calls, waits for those under way, ends subscriptions once their batch is handled. */
  close(): Promise<void>;
}

/** Connects at the first call; the server may come and go. @throws TuttiError INVALID_CONFIG for a connection string that is none */
export function openEventStoreDb(options: EventStoreDbOptions): EventStoreDbEventStore {
  try {
    return new ServerEventStore(options, EventStoreDBClient.connectionString(options.connectionString));
  } catch (error) {
    throw new TuttiError('INVALID_CONFIG', `the connection string of EventStoreDB: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Each append names the revision it follows, so the server lets one of several writers win, and the others look at what they did not know.
 * What became of an append whose answer was lost is seen the same way: its ids are in the stream, or they are not.
 */
class ServerEventStore implements EventStoreDbEventStore {
  private readonly reader: LogReader;
  private readonly snapshots: ServerSnapshots;
  private readonly known: KnownStreams;
  /** The last append under way of each stream: they go one after the other. */
  private readonly turns = new Map<string, Promise<unknown>>();
  private readonly subscriptions = new Set<Following>();
  private closing: Promise<void> | null = null;

  constructor(
    private readonly options: EventStoreDbOptions,
    private readonly client: EventStoreDBClient,
  ) {
    this.reader = new LogReader(client);
    this.snapshots = new ServerSnapshots(client);
    this.known = new KnownStreams(options.rememberedEvents ?? DEFAULT_REMEMBERED_EVENTS);
  }

  async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    const append = prepareAppend(stream, events, expected);
    const before = this.turns.get(stream) ?? Promise.resolve();
    const turn = before.then(() => this.patiently(append));
    const settled = turn.catch(() => undefined);
    this.turns.set(stream, settled);
    void settled.then(() => this.turns.get(stream) === settled && this.turns.delete(stream));
    return turn;
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return this.reading(this.reader.stream(stream, options));
  }

  readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    return this.reading(this.reader.all(options));
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    this.assertOpen();
    const { client, reader } = this;
    const following = new Following(options, {
      client,
      reader,
      runtime: this.options.runtime,
      onEnd: (ended) => this.subscriptions.delete(ended),
    });
    this.subscriptions.add(following);
    return following;
  }

  head(): Promise<number> {
    return this.asking(() => this.reader.head());
  }

  loadSnapshot(stream: string): Promise<Snapshot | null> {
    return this.asking(() => this.snapshots.load(snapshotStream(stream)));
  }

  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    return this.asking(() => this.snapshots.save(snapshotStream(stream), snapshot, this.options.runtime.ids.next()));
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await Promise.all(this.turns.values());
    await this.client.dispose();
  }

  private async patiently(append: PreparedAppend): Promise<AppendResult> {
    const { clock, timers } = this.options.runtime;
    const until = clock.monotonic() + (this.options.appendLimitMs ?? DEFAULT_APPEND_LIMIT_MS);
    for (let waitMs = AGAIN_MS; ; waitMs = Math.min(waitMs * 2, AGAIN_MAX_MS)) {
      try {
        return await this.tryAppend(append);
      } catch (error) {
        // Nobody knows what became of it: the stream is looked at before it is tried again.
        this.known.drop(append.stream);
        if (!isPassing(error) || this.closing !== null || clock.monotonic() + waitMs > until) throw storeError(error);
      }
      await new Promise<void>((resolve) => timers.after(waitMs, resolve));
    }
  }

  private async tryAppend(append: PreparedAppend): Promise<AppendResult> {
    const { stream, expected } = append;
    let known = this.known.get(stream) ?? (expected === 'no-stream' ? new KnownStream() : await this.lookAt(stream, new KnownStream()));
    for (;;) {
      const repeated = await this.findRepeat(append, known);
      if (repeated !== null) return result(repeated);
      if (expected !== 'any' && expected !== (known.revision < 0 ? 'no-stream' : known.revision)) {
        // Somebody else may have written it since.
        const revision = known.revision;
        known = await this.lookAt(stream, known);
        if (known.revision !== revision) continue;
        this.known.keep(stream, known);
        checkExpectedRevision(stream, expected, known.revision);
      }
      const recorded = await this.write(append, known);
      if (recorded !== null) return result(recorded);
      known = await this.lookAt(stream, known);
    }
  }

  /** What the stream holds behind what is known of it. */
  private async lookAt(stream: string, known: KnownStream): Promise<KnownStream> {
    for await (const event of this.reader.stream(stream, { from: known.revision + 1 })) known.take([event]);
    return known;
  }

  private async findRepeat(append: PreparedAppend, known: KnownStream): Promise<readonly RecordedEvent[] | null> {
    const revisions = append.events.flatMap(({ id }) => known.revisions.get(id) ?? []);
    if (revisions.length === 0) return null;
    const [from, to] = [Math.min(...revisions), Math.max(...revisions)];
    const ids = new Set(append.events.map(({ id }) => id));
    const found: RecordedEvent[] = [];
    for await (const event of this.reader.stream(append.stream, { from, limit: to - from + 1 })) if (ids.has(event.id)) found.push(event);
    this.known.keep(append.stream, known);
    checkRepeat(append, found);
    return found;
  }

  /** Null when the stream is not where it was thought to be. */
  private async write(append: PreparedAppend, known: KnownStream): Promise<readonly RecordedEvent[] | null> {
    const { stream } = append;
    const unplaced = this.record(append, known);
    let answer: ServerAppend;
    try {
      answer = await within(
        this.options,
        this.client.appendToStream(stream, unplaced.map(toServer), {
          expectedRevision: known.revision < 0 ? NO_STREAM : BigInt(known.revision),
        }),
      );
    } catch (error) {
      if (isType(error, ErrorType.WRONG_EXPECTED_VERSION)) return null;
      throw error;
    }
    const recorded = await this.placed(stream, unplaced, answer);
    known.take(recorded);
    this.known.keep(stream, known);
    return recorded;
  }

  /** The answer has one place; where each of several events stands is in the stream. */
  private async placed(stream: string, unplaced: readonly RecordedEvent[], { position }: ServerAppend): Promise<readonly RecordedEvent[]> {
    const [only] = unplaced;
    if (only !== undefined && unplaced.length === 1 && position !== undefined) return [{ ...only, position: Number(position.prepare) }];
    const events: RecordedEvent[] = [];
    for await (const event of this.reader.stream(stream, { from: only?.revision ?? 0, limit: unplaced.length })) events.push(event);
    return events;
  }

  private record(append: PreparedAppend, known: KnownStream): readonly RecordedEvent[] {
    const time = isoTime(this.options.runtime.clock.now());
    let previousHash = known.lastHash;
    return append.events.map(({ id, type, schemaVersion, metadata }, index) => {
      const recorded: RecordedEvent = {
        ...{ id, type, schemaVersion, data: JSON.parse(append.data[index] ?? '') as JsonObject },
        // In the order in which it is read back.
        metadata: inOrder(metadata),
        ...{
          contentType: 'application/json',
          stream: append.stream,
          revision: known.revision + 1 + index,
          position: -1,
          time,
          previousHash,
        },
      };
      previousHash = chainHash(chainedRecord(recorded));
      return recorded;
    });
  }

  private async *reading(events: AsyncIterable<RecordedEvent>): AsyncIterable<RecordedEvent> {
    this.assertOpen();
    try {
      for await (const event of events) {
        this.assertOpen();
        yield event;
      }
    } catch (error) {
      throw storeError(error);
    }
    this.assertOpen();
  }

  private async asking<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    this.assertOpen();
    try {
      return await ask();
    } catch (error) {
      throw storeError(error);
    }
  }

  private assertOpen(): void {
    if (this.closing !== null) throw new TuttiError('SHUTTING_DOWN', 'the connection to EventStoreDB is closed');
  }
}

function toServer(event: RecordedEvent): JSONEventData {
  return jsonEvent({ id: event.id, type: event.type, data: event.data, metadata: { ...wireMetadata(event) } as never });
}

function inOrder({ correlationId, causationId, traceparent, actor, tenant, subject, keyId }: NewEvent['metadata']): NewEvent['metadata'] {
  return { correlationId, causationId, traceparent, actor, tenant, subject, keyId };
}

function result(events: readonly RecordedEvent[]): AppendResult {
  const last = events.at(-1);
  return { revision: last?.revision ?? -1, position: last?.position ?? -1, events };
}

/** The client waits for ever for the answer to an append whose connection was ended in good order. */
async function within<Answer>(
  { runtime, callLimitMs = DEFAULT_CALL_LIMIT_MS }: EventStoreDbOptions,
  answer: Promise<Answer>,
): Promise<Answer> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const cancel = runtime.timers.after(callLimitMs, () => reject(new NoAnswer(`no answer within ${callLimitMs} ms`)));
  try {
    return await Promise.race([answer, limit]);
  } finally {
    cancel();
  }
}
