import { TuttiError, type Runtime } from '@tutti/kernel';
import type { DatabaseSync } from 'node:sqlite';
import type { EventStore, EventSubscription, SubscribeOptions } from '../event-store.port.js';
import { EventKinds } from './event-kinds.js';
import { EventReader } from './event-reader.js';
import { EventRows } from './event-rows.js';
import type { CommittedEvent } from './event-writer.js';
import { FollowingSubscription } from './following-subscription.js';
import { openDatabaseForReading } from './schema.js';
import { toStoreError } from './sqlite-errors.js';

/** Subscribers of a follower take large batches on purpose: what a document goes through within one is written once. */
const BUFFER_LIMITS = { events: 50_000, bytes: 64 * 1024 * 1024 };

/** The half of an event store that projections need. */
export type EventLog = Pick<EventStore, 'subscribe' | 'head'>;

export interface EventLogFollower extends EventLog {
  /** Shows subscribers what is committed up to this position. Read once, whatever the number of subscribers. */
  advance(head: number): void;
  /** Ends the subscriptions once their batch is handled, and closes the file. */
  close(): Promise<void>;
}

/**
 * Follows the log of an embedded event store from another thread than the one that writes it, which tells how far it has committed.
 *
 * @throws TuttiError DATA_DAMAGED for a damaged or foreign file, STORE_UNAVAILABLE when it cannot be opened
 */
export function openEventLogFollower(options: { readonly file: string; readonly runtime: Pick<Runtime, 'timers'> }): EventLogFollower {
  return new SqliteEventLogFollower(options.file, openDatabaseForReading(options.file), options.runtime);
}

class SqliteEventLogFollower implements EventLogFollower {
  private readonly kinds: EventKinds;
  private readonly reader: EventReader;
  private readonly subscriptions = new Set<FollowingSubscription>();
  private readonly nextTurn: () => Promise<void>;
  private committedHead: number;
  private closed: Promise<void> | null = null;

  constructor(
    private readonly file: string,
    private readonly database: DatabaseSync,
    runtime: Pick<Runtime, 'timers'>,
  ) {
    this.kinds = new EventKinds(database);
    this.reader = new EventReader(database, new EventRows(file, this.kinds));
    this.nextTurn = () => new Promise((resolve) => runtime.timers.soon(resolve));
    this.committedHead = this.reader.lastPosition();
  }

  async head(): Promise<number> {
    return this.committedHead;
  }

  subscribe(options: SubscribeOptions): EventSubscription {
    if (this.closed !== null) throw new TuttiError('SHUTTING_DOWN', `event store ${this.file} is closed`);
    this.kinds.refresh();
    const subscription = new FollowingSubscription(
      options,
      this.kinds.matcher(options.filter),
      {
        head: () => this.committedHead,
        read: (matcher, from, limit) => this.reading(() => this.reader.allPage(matcher, 'forwards', from, limit)),
        nextTurn: this.nextTurn,
        onEnd: (ended) => this.subscriptions.delete(ended),
      },
      BUFFER_LIMITS,
    );
    this.subscriptions.add(subscription);
    return subscription;
  }

  advance(head: number): void {
    if (this.closed !== null || head <= this.committedHead) return;
    // A reading subscription asks by the kinds that are known.
    if ([...this.subscriptions].some((subscription) => !subscription.isFollowing)) this.kinds.refresh();
    const wanted = [...this.subscriptions].filter((subscription) => subscription.isFollowing);
    if (wanted.length === 0) {
      this.committedHead = head;
      for (const subscription of this.subscriptions) subscription.offer([], head);
      return;
    }
    while (this.committedHead < head) {
      const { committed, through } = this.reading(() => this.readCommitted(wanted, head));
      this.committedHead = through;
      for (const subscription of this.subscriptions) subscription.offer(committed, through);
    }
  }

  close(): Promise<void> {
    this.closed ??= Promise.all([...this.subscriptions].map((subscription) => subscription.close())).then(() => this.database.close());
    return this.closed;
  }

  private readCommitted(
    wanted: readonly FollowingSubscription[],
    head: number,
  ): { readonly committed: readonly CommittedEvent[]; readonly through: number } {
    const { rows, full } = this.reader.rowsFrom(this.committedHead + 1, head);
    const committed: CommittedEvent[] = [];
    for (const row of rows) {
      const kindId = row[3];
      if (!this.kinds.isKnown(kindId)) this.kinds.refresh();
      if (!wanted.some((subscription) => subscription.wants(kindId))) continue;
      committed.push({ event: this.reader.toEvent(row), kindId, bytes: row[8].length + row[9].length });
    }
    return { committed, through: full ? (rows.at(-1)?.[0] ?? head) : head };
  }

  private reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (error) {
      throw toStoreError(this.file, error);
    }
  }
}
