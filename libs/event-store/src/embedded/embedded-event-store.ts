import { TuttiError, type JsonObject, type NewEvent, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
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
import { EventKinds } from './event-kinds.js';
import { EventReader, type Page } from './event-reader.js';
import { EventRows } from './event-rows.js';
import { createInlineCommitter, type Committer } from './committer.js';
import { EventWriter, type WrittenEvents } from './event-writer.js';
import { FollowingSubscription } from './following-subscription.js';
import { FreeSpaceFloor, freeSpaceOnDisk, type FreeSpace } from './free-space-floor.js';
import { GroupCommit } from './group-commit.js';
import { openDatabase } from './schema.js';
import { Snapshots } from './snapshots.js';
import { toStoreError } from './sqlite-errors.js';
import { verifyStore, type VerificationReport } from './store-verification.js';
import { WalCheckpoints } from './wal-checkpoints.js';
import { createThreadedCommitter } from './writer-thread/threaded-committer.js';

const DEFAULT_MIN_FREE_BYTES = 64 * 1024 * 1024;
const DEFAULT_MAX_QUEUED_BYTES = 256 * 1024 * 1024;

export interface EmbeddedEventStoreOptions {
  /** Made with its folder when it does not exist. One process at a time may open it: see `lockDataFolder`. */
  readonly file: string;
  readonly runtime: Runtime;
  /** Appends are refused when the volume has less. Default 64 MiB. */
  readonly minFreeBytes?: number;
  readonly freeSpace?: FreeSpace;
  /** Appends are refused as OVERLOADED while more waits to be written. Default 256 MiB. */
  readonly maxQueuedBytes?: number;
  /** Largest append. Default `MAX_APPEND_BYTES`; more for a store that stands behind another protocol, whose events carry more. */
  readonly maxAppendBytes?: number;
  /** Categories of streams that make up most of the log: reading one of their types goes through the log instead of an index. Default none. */
  readonly frequentCategories?: readonly string[];
  /** Insert and sync in a thread of its own, for a process that has other things to do meanwhile. Default false. */
  readonly writerThread?: boolean;
}

export interface EmbeddedEventStore extends EventStore {
  /** Refuses new calls, commits what is queued, ends subscriptions once their batch is handled, closes the file. */
  close(): Promise<void>;
  /** Reads everything: seconds per million events. May run beside all else. */
  verify(): Promise<VerificationReport>;
  /** Share of what may wait to be written that waits now, from 0 to 1; at 1 appends are refused as OVERLOADED. */
  queueFill(): number;
}

/** @throws TuttiError DATA_DAMAGED for a damaged or foreign file, STORE_UNAVAILABLE when it cannot be opened */
export function openEmbeddedEventStore(options: EmbeddedEventStoreOptions): Promise<EmbeddedEventStore> {
  return new Promise((resolve) => resolve(new SqliteEventStore(options, openDatabase(options.file))));
}

class SqliteEventStore implements EmbeddedEventStore {
  private readonly kinds: EventKinds;
  private readonly rows: EventRows;
  private readonly reader: EventReader;
  private readonly writer: EventWriter;
  private readonly committer: Committer;
  private readonly commits: GroupCommit<WrittenEvents>;
  private readonly snapshots: Snapshots;
  private readonly checkpoints: WalCheckpoints;
  private readonly subscriptions = new Set<FollowingSubscription>();
  private readonly nextTurn: () => Promise<void>;
  private committedHead: number;
  private closed: Promise<void> | null = null;

  constructor(
    private readonly options: EmbeddedEventStoreOptions,
    private readonly database: DatabaseSync,
  ) {
    const { file, runtime, minFreeBytes = DEFAULT_MIN_FREE_BYTES, freeSpace = freeSpaceOnDisk } = options;
    const maxQueuedBytes = options.maxQueuedBytes ?? DEFAULT_MAX_QUEUED_BYTES;
    this.kinds = new EventKinds(database, new Set(options.frequentCategories));
    this.rows = new EventRows(file, this.kinds);
    this.reader = new EventReader(database, this.rows);
    this.writer = new EventWriter(database, this.kinds, this.rows, this.reader, () => runtime.clock.now());
    this.snapshots = new Snapshots(database);
    this.committer = options.writerThread === true ? createThreadedCommitter(file) : createInlineCommitter(file, database);
    this.checkpoints = new WalCheckpoints(this.committer, runtime.timers, options.writerThread === true ? 'thread' : 'inline');
    this.commits = new GroupCommit({
      ...{ file, committer: this.committer, timers: runtime.timers, maxQueuedBytes },
      floor: new FreeSpaceFloor(dirname(file), minFreeBytes, freeSpace, runtime.clock),
      take: () => this.writer.take(),
      committed: (made, bytes) => this.onCommitted(made, bytes),
    });
    this.nextTurn = () => new Promise((resolve) => runtime.timers.soon(resolve));
    this.committedHead = this.writer.head;
  }

  async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    this.assertOpen();
    const append = prepareAppend(stream, events, expected, this.options.maxAppendBytes);
    return this.commits.write({
      bytes: append.bytes,
      apply: () => this.writer.append(append),
      needsQuiet: () => this.writer.mayRepeat(append),
    });
  }

  readStream(stream: string, options: ReadOptions = {}): AsyncIterable<RecordedEvent> {
    return this.pages(options, (from, limit) => this.reader.streamPage(stream, { ...options, ...from, limit }));
  }

  readAll(options: ReadOptions & { readonly filter?: EventFilter } = {}): AsyncIterable<RecordedEvent> {
    const { direction = 'forwards' } = options;
    const matcher = this.kinds.matcher(options.filter);
    const start = direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER;
    return this.pages(options, (from, limit) => this.reader.allPage(matcher, direction, from.from ?? start, limit));
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    this.assertOpen();
    const subscription = new FollowingSubscription(options, this.kinds.matcher(options.filter), {
      head: () => this.committedHead,
      read: (matcher, from, limit) => this.reading(() => this.reader.allPage(matcher, 'forwards', from, limit)),
      nextTurn: this.nextTurn,
      onEnd: (ended) => this.subscriptions.delete(ended),
    });
    this.subscriptions.add(subscription);
    return subscription;
  }

  queueFill(): number {
    return this.commits.fill;
  }

  async head(): Promise<number> {
    this.assertOpen();
    return this.committedHead;
  }

  async loadSnapshot(stream: string): Promise<Snapshot | null> {
    this.assertOpen();
    return this.reading(() => this.snapshots.load(stream));
  }

  async saveSnapshot(stream: string, snapshot: Snapshot): Promise<void> {
    this.assertOpen();
    const text = JSON.stringify(snapshot.state);
    return this.commits.write({ bytes: text.length, apply: () => this.writer.saveSnapshot(stream, snapshot, text) });
  }

  async verify(): Promise<VerificationReport> {
    this.assertOpen();
    return verifyStore(this.database, this.reader, this.rows, async () => {
      await this.nextTurn();
      this.assertOpen();
    });
  }

  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    await this.commits.drain();
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    this.checkpoints.close();
    await this.committer.close();
    this.database.close();
  }

  private onCommitted({ committed, head }: WrittenEvents, bytes: number): void {
    if (committed.length > 0) {
      this.committedHead = head;
      for (const subscription of this.subscriptions) subscription.offer(committed, head);
    }
    this.checkpoints.committed(bytes);
  }

  /** Others get a turn between two pages. */
  private async *pages(
    options: ReadOptions,
    read: (from: ReadOptions, limit: number) => Page,
  ): AsyncGenerator<RecordedEvent, void, undefined> {
    const step = options.direction === 'backwards' ? -1 : 1;
    let from: ReadOptions = options.from === undefined ? {} : { from: options.from };
    let left = options.limit ?? Infinity;
    while (left > 0) {
      this.assertOpen();
      const page = this.reading(() => read(from, left));
      for (const event of page.events) {
        yield event;
        left -= 1;
      }
      if (page.through === null) return;
      from = { from: page.through + step };
      if (left > 0) await this.nextTurn();
    }
  }

  private reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw toStoreError(this.options.file, error);
    }
  }

  private assertOpen(): void {
    if (this.closed !== null) throw new TuttiError('SHUTTING_DOWN', `event store ${this.options.file} is closed`);
  }
}
