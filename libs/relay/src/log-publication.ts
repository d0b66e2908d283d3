import { Pace } from '@tutti/event-bus';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { isTuttiError, type RecordedEvent, type Runtime } from '@tutti/kernel';
import { OutgoingQueue, type Outgoing } from './outgoing-queue.js';
import { growingPauses, type Pauses } from './pauses.js';
import type { RelayLimits, RelayMessage, RelayPublisher, RelayRoute } from './relay-ports.js';
import { filterOf, messagesFor } from './relay-routes.js';
import type { StuckEvent } from './relay-state.js';

export interface LogPublicationOptions {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly publisher: Pick<RelayPublisher, 'publish'>;
  readonly routes: readonly RelayRoute[];
  /** Events behind this position go out. */
  readonly after: number;
  readonly limits: RelayLimits;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly pauses: Pauses;
  /** Asked right before each batch: whether this process may still publish. */
  readonly mayPublish: () => Promise<boolean>;
  readonly progress: PublicationProgress;
}

export interface PublicationProgress {
  /** A batch goes out in this turn. */
  sending(): void;
  /** The store has nothing more up to here than what was read. */
  read(head: number): void;
  /** The broker has everything up to here; so many events went out, the last of them from `lastEvent`, null where there was none. */
  acknowledged(position: number, events: number, lastEvent: number | null): void;
  /** Told of each failed try. */
  waiting(error: unknown): void;
}

export type PublicationEnd =
  | { readonly why: 'ended' }
  | { readonly why: 'source'; readonly error: unknown }
  | { readonly why: 'stuck'; readonly error: unknown; readonly event: StuckEvent };

/** Beside what is queued so much may be in memory: the store hands a batch over whole. */
const MOST_READ_AT_ONCE = 200;
/** Batches that come thick are gathered: so often at most, once so many were not apart by that. A full one goes at once. */
const BATCH_EVERY_MS = 10;
const BATCHES_AT_ONCE = 10;
/** Errors about the message itself: no wait mends it. */
const NEVER_TAKEN = ['PAYLOAD_TOO_LARGE', 'INVALID_REQUEST'] as const;

/**
 * Follows the log from a position and publishes what it finds, until it is ended or cannot go on.
 *
 * One batch is on its way at a time and the next only when the broker has all of it, so that whatever is published stands behind everything that comes before it
 * in the log, also where a batch is repeated, comes late, or was published by an earlier relay: on every topic the first occurrences of a key's messages
 * are in order. Meanwhile the log is read on, as far as there is room.
 */
export class LogPublication {
  private readonly queue: OutgoingQueue;
  private readonly pace: Pace;
  private ended = false;
  private stuck: { readonly event: StuckEvent; readonly error: unknown } | null = null;
  private sourceEnd: { readonly error: unknown } | null = null;
  private wakeSender: () => void = () => {};
  private giveRoom: () => void = () => {};

  constructor(private readonly options: LogPublicationOptions) {
    this.queue = new OutgoingQueue(options.limits);
    this.pace = new Pace(options.runtime.clock, BATCH_EVERY_MS, BATCHES_AT_ONCE);
  }

  async run(): Promise<PublicationEnd> {
    const source = this.follow();
    try {
      return await this.sendAll();
    } finally {
      this.end();
      await source.close();
    }
  }

  /** Publishes no further batch. */
  end(): void {
    this.ended = true;
    this.wakeSender();
    this.giveRoom();
  }

  private follow(): EventSubscription {
    const { store, routes, after, limits } = this.options;
    const source = store.subscribe({
      after,
      filter: filterOf(routes),
      maxBatch: Math.min(limits.maxBatchEvents, MOST_READ_AT_ONCE),
      onBatch: (events, head) => this.take(events, head),
    });
    const ended = (error: unknown) => {
      this.sourceEnd = { error };
      this.wakeSender();
    };
    source.ended.then(() => ended(new Error('the event store ended the subscription')), ended);
    return source;
  }

  private take(events: readonly RecordedEvent[], head: number): Promise<void> | void {
    if (this.ended) return;
    for (const event of events) this.takeOne(event);
    if (head > (events.at(-1)?.position ?? -1)) this.queue.add({ position: head, event: null, messages: [], bytes: 0 });
    this.options.progress.read(head);
    this.wakeSender();
    if (this.queue.isFull) return new Promise((resolve) => (this.giveRoom = resolve));
  }

  private takeOne(event: RecordedEvent): void {
    const named = nameOf(event);
    try {
      const messages = messagesFor(this.options.routes, event);
      this.queue.add({ position: event.position, event: named, messages, bytes: JSON.stringify(event.data).length });
    } catch (error) {
      this.stuck = { event: named, error };
      throw error;
    }
  }

  private async sendAll(): Promise<PublicationEnd> {
    while (!this.ended) {
      const waitMs = this.queue.hasMessages ? this.pace.nextInMs() : 0;
      if (waitMs > 0 && !this.queue.fillsBatch) await this.options.pauses.wait(waitMs);
      const batch = this.queue.next();
      if (!this.queue.isFull) this.giveRoom();
      if (batch.length > 0) {
        const refused = await this.send(batch);
        if (refused !== null) return refused;
      } else if (this.stuck !== null) return { why: 'stuck', ...this.stuck };
      else if (this.sourceEnd !== null) return { why: 'source', error: this.sourceEnd.error };
      else await new Promise<void>((resolve) => (this.wakeSender = resolve));
    }
    return { why: 'ended' };
  }

  /** Until the broker has all of it. */
  private async send(batch: readonly Outgoing[]): Promise<PublicationEnd | null> {
    const { limits, pauses, progress, mayPublish } = this.options;
    let left = byTopic(batch);
    for (const pauseMs of growingPauses(limits)) {
      if (left.size > 0 && !(await mayPublish())) this.ended = true;
      if (this.ended) return { why: 'ended' };
      if (left.size > 0) progress.sending();
      const failed = await this.publish(left);
      if (failed.size === 0) break;
      const lasting = [...failed.values()].find((error) => NEVER_TAKEN.some((code) => isTuttiError(error, code)));
      if (lasting !== undefined) return this.sendOneByOne(batch, lasting);
      progress.waiting([...failed.values()][0]);
      left = new Map([...left].filter(([topic]) => failed.has(topic)));
      await pauses.wait(pauseMs);
    }
    const events = batch.filter(({ event }) => event !== null);
    progress.acknowledged(batch.at(-1)!.position, events.length, events.at(-1)?.position ?? null);
    return null;
  }

  /** So that everything before the event that is refused goes out. */
  private async sendOneByOne(batch: readonly Outgoing[], error: unknown): Promise<PublicationEnd | null> {
    const [only] = batch;
    if (batch.length === 1 && only !== undefined && only.event !== null) return { why: 'stuck', event: only.event, error };
    for (const item of batch) {
      const refused = await this.send([item]);
      if (refused !== null) return refused;
    }
    return null;
  }

  /** What failed, by topic. */
  private async publish(messages: ReadonlyMap<string, readonly RelayMessage[]>): Promise<ReadonlyMap<string, unknown>> {
    const failed = new Map<string, unknown>();
    await Promise.all(
      [...messages].map(async ([topic, ofTopic]) => {
        try {
          await this.options.publisher.publish(topic, ofTopic);
        } catch (error) {
          failed.set(topic, error);
        }
      }),
    );
    return failed;
  }
}

function byTopic(batch: readonly Outgoing[]): ReadonlyMap<string, readonly RelayMessage[]> {
  const found = new Map<string, RelayMessage[]>();
  for (const { topic, message } of batch.flatMap(({ messages }) => messages)) {
    const ofTopic = found.get(topic);
    if (ofTopic === undefined) found.set(topic, [message]);
    else ofTopic.push(message);
  }
  return found;
}

function nameOf({ id, type, stream, revision, position }: RecordedEvent): StuckEvent {
  return { id, type, stream, revision, position };
}
