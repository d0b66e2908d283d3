import type { JsonObject, NewEvent, RecordedEvent, Runtime } from '@tutti/kernel';
import { prepareAppend } from '../append-rules.js';
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
import { SharedTail } from '../shared-tail/shared-tail.js';
import { AppendPlaces } from './append-places.js';
import { BatchAppends } from './batch-appends.js';
import { connectionClosed, isPassing, isRefusal, storeError } from './client-errors.js';
import { Following } from './following.js';
import { KnownStream } from './known-streams.js';
import { LogReader } from './log-reader.js';
import { SeenAppends } from './seen-appends.js';
import { ServerConnection, type EventStoreDbState } from './server-connection.js';
import { ServerSnapshots } from './server-snapshots.js';
import { StreamAppends } from './stream-appends.js';
import { StreamNames } from './stream-names.js';

const DEFAULT_APPEND_LIMIT_MS = 30_000;
const DEFAULT_READ_LIMIT_MS = 10_000;
const DEFAULT_CALL_LIMIT_MS = 5_000;
const DEFAULT_REMEMBERED_EVENTS = 200_000;
const DEFAULT_MAX_QUEUED_BYTES = 64 * 1024 * 1024;
const CONNECT_AGAIN_MS = 100;
const CONNECT_AGAIN_MAX_MS = 5_000;

export interface EventStoreDbOptions {
  /** As the server's documentation has it, with credentials and TLS: `esdb://user:password@host:2113?tls=true&tlsCAFile=ca.crt`. */
  readonly connectionString: string;
  readonly runtime: Runtime;
  /**
   * Begins the name of every stream on the server, so that several systems share one: each sees its own events only. They also share the time that it takes to look
   * through the log. Default none.
   */
  readonly prefix?: string;
  /** No event of the prefix stands at or before this position: nothing before it is looked through. For one who joins a server with a long history. Default: none is known. */
  readonly beginsAfter?: number;
  /** How long an append is tried while the server is away. Default 30,000. */
  readonly appendLimitMs?: number;
  /** How long a read is tried while the server is away. Default 10,000. */
  readonly readLimitMs?: number;
  /** Longest wait for one answer; then it is asked again. Default 5,000. */
  readonly callLimitMs?: number;
  /** Of the streams used lately the ids of so many events are kept, so that a repeated append is known. Default 200,000. */
  readonly rememberedEvents?: number;
  /** Appends are refused as OVERLOADED while more waits for the server. Default 64 MiB. */
  readonly maxQueuedBytes?: number;
  /** Called when the connection came or went, or when there is another reason why it is not there: for logs. */
  readonly onState?: (state: EventStoreDbState) => void;
}

export interface EventStoreDbEventStore extends EventStore {
  /** Whether the server answers, since when it does or does not, and why not. Asked in the background when nothing else is. */
  state(): EventStoreDbState;
  /**
   * Resolves once the server has answered; until then it is asked again and again, with growing waits.
   *
   * @throws TuttiError INVALID_CONFIG when the server refuses the credentials, or TLS does not come about; STORE_UNAVAILABLE after `limitMs` (default: no limit);
   * SHUTTING_DOWN when it is closed meanwhile
   */
  connected(limitMs?: number): Promise<void>;
  /** Share of what may wait to be written that waits now, from 0 to 1; at 1 appends are refused as OVERLOADED. */
  queueFill(): number;
  /** Refuses new calls, waits for appends under way, ends subscriptions once their batch is handled. */
  close(): Promise<void>;
}

/** Connects by itself; the server may come and go. @throws TuttiError INVALID_CONFIG for a connection string that is none */
export function openEventStoreDb(options: EventStoreDbOptions): EventStoreDbEventStore {
  return new ServerEventStore(options);
}

class ServerEventStore implements EventStoreDbEventStore {
  private readonly connection: ServerConnection;
  private readonly names: StreamNames;
  private readonly reader: LogReader;
  private readonly batches: BatchAppends;
  private readonly seen: SeenAppends;
  private readonly appends: StreamAppends;
  private readonly snapshots: ServerSnapshots;
  private readonly readLimitMs: number;
  private readonly beginsAfter: number;
  private readonly tail: SharedTail;
  private readonly followings = new Set<Following>();
  private headAsked: Promise<number> | null = null;
  private closing: Promise<void> | null = null;

  constructor({ connectionString, runtime, ...options }: EventStoreDbOptions) {
    const { callLimitMs = DEFAULT_CALL_LIMIT_MS, beginsAfter = -1, onState = () => undefined } = options;
    this.readLimitMs = options.readLimitMs ?? DEFAULT_READ_LIMIT_MS;
    const connection = new ServerConnection({ connectionString, runtime, callLimitMs, onState });
    const names = new StreamNames(options.prefix ?? '');
    const reader = new LogReader({ connection, names, beginsAfter, readLimitMs: this.readLimitMs });
    const batches = new BatchAppends(connection);
    const seen = new SeenAppends(runtime);
    this.appends = new StreamAppends({
      // An append has its own patience.
      ...{
        connection,
        names,
        reader: new LogReader({ connection, names, beginsAfter, readLimitMs: 0 }),
        ...{ batches, seen },
        places: new AppendPlaces(connection, () => batches.unanswered),
      },
      appendLimitMs: options.appendLimitMs ?? DEFAULT_APPEND_LIMIT_MS,
      rememberedEvents: options.rememberedEvents ?? DEFAULT_REMEMBERED_EVENTS,
      maxQueuedBytes: options.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES,
      onAppended: (position) => this.onAppended(position),
    });
    this.beginsAfter = beginsAfter;
    this.snapshots = new ServerSnapshots(connection);
    this.connection = connection;
    this.names = names;
    this.reader = reader;
    this.batches = batches;
    this.seen = seen;
    const store = { head: () => this.awaitedHead(), subscribe: (followed: SubscribeOptions) => this.follow(followed) };
    this.tail = new SharedTail({ store, timers: runtime.timers });
  }

  async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    const append = prepareAppend(stream, events, expected);
    this.names.onServer(stream);
    return this.appends.append(append);
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return this.reading(isWhole(options) ? this.learning(stream) : this.reader.stream(stream, options));
  }

  readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    return this.reading(this.reader.all(options));
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    this.assertOpen();
    return this.tail.subscribe(options);
  }

  async head(): Promise<number> {
    const head = await this.asking(() => this.reader.head());
    for (const following of this.followings) following.hurryTo(head);
    return head;
  }

  loadSnapshot(stream: string): Promise<Snapshot | null> {
    return this.asking(() => this.connection.ask(this.readLimitMs, () => this.snapshots.load(this.names.snapshot(stream))));
  }

  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    const id = this.connection.runtime.ids.next();
    return this.asking(() => this.connection.ask(this.readLimitMs, () => this.snapshots.save(this.names.snapshot(stream), snapshot, id)));
  }

  state(): EventStoreDbState {
    return this.connection.state;
  }

  async connected(limitMs = Number.POSITIVE_INFINITY): Promise<void> {
    const { clock } = this.connection.runtime;
    const until = clock.monotonic() + limitMs;
    for (let waitMs = CONNECT_AGAIN_MS; ; waitMs = Math.min(waitMs * 2, CONNECT_AGAIN_MAX_MS)) {
      this.assertOpen();
      try {
        await this.connection.ask(0, () => this.connection.probe());
        return;
      } catch (error) {
        if (isRefusal(error) || clock.monotonic() + waitMs > until) throw storeError(error);
      }
      await this.connection.pause(waitMs);
    }
  }

  queueFill(): number {
    return this.appends.fill;
  }

  close(): Promise<void> {
    return (this.closing ??= this.closeAll());
  }

  private async closeAll(): Promise<void> {
    this.connection.stopAskingAgain();
    await Promise.all([this.appends.close(), this.tail.close()]);
    await Promise.all([...this.followings].map((following) => following.close()));
    this.batches.close();
    await this.connection.close();
  }

  private onAppended(position: number): void {
    this.reader.noteAppended(position);
    for (const following of this.followings) following.nudge();
  }

  private follow(options: SubscribeOptions): EventSubscription {
    this.connection.assertOpen();
    const { connection, names, reader, seen } = this;
    const following = new Following(options, {
      ...{ connection, names, reader, seen, beginsAfter: this.beginsAfter },
      head: () => this.sharedHead(),
      onEnd: (ended) => this.followings.delete(ended),
    });
    this.followings.add(following);
    return following;
  }

  /** Whoever follows waits for a server that is away, however long. */
  private async awaitedHead(): Promise<number> {
    for (;;) {
      try {
        return await this.sharedHead();
      } catch (error) {
        if (this.closing !== null || !isPassing(error)) throw storeError(error);
      }
      await this.connection.pause(CONNECT_AGAIN_MS);
    }
  }

  /** For subscriptions at rest: those that ask at once share an answer. */
  private sharedHead(): Promise<number> {
    return (this.headAsked ??= this.reader.head().finally(() => (this.headAsked = null)));
  }

  /** What is read whole need not be read again when it is appended to. */
  private async *learning(stream: string): AsyncIterable<RecordedEvent> {
    const known = new KnownStream();
    for await (const event of this.reader.stream(stream, {})) {
      known.take(event);
      yield event;
    }
    this.appends.learn(stream, known);
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
    if (this.closing !== null) throw connectionClosed();
  }
}

function isWhole({ direction = 'forwards', from = 0, limit }: ReadOptions): boolean {
  return direction === 'forwards' && from <= 0 && limit === undefined;
}
