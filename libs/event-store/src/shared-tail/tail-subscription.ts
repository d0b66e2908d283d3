import type { RecordedEvent } from '@tutti/kernel';
import { eventMatcher, type EventMatcher } from '../event-filter.js';
import type { EventFilter, EventStore, EventSubscription, SubscribeOptions } from '../event-store.port.js';
import type { Tail } from './tail.js';
import type { TailWindow } from './tail-window.js';

const DEFAULT_MAX_BATCH = 1_000;

/** Has a subscription of its own until it is within the tail, then follows that; and again when it is so slow that the tail moves past it. */
export class TailSubscription implements EventSubscription {
  readonly ended: Promise<void>;
  private cursor: number;
  private readonly filter: EventFilter;
  private readonly isWanted: EventMatcher;
  private own: EventSubscription | null = null;
  private closing = false;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly store: Pick<EventStore, 'subscribe'>,
    private readonly tail: Tail,
  ) {
    this.cursor = options.after;
    this.filter = options.filter ?? {};
    this.isWanted = eventMatcher(options.filter);
    tail.join(this, this.filter);
    this.ended = this.run();
  }

  close(): Promise<void> {
    this.closing = true;
    void this.own?.close();
    this.tail.wake();
    return this.ended.catch(() => undefined);
  }

  private async run(): Promise<void> {
    // The subscriber gets its subscription before its first batch.
    await Promise.resolve();
    while (!this.closing) {
      const window = this.tail.events;
      if (this.tail.isOver) return this.tail.ended;
      if (window === null) await this.tail.next(this.isWanted, false);
      else if (window.holds(this.cursor, this.filter)) await this.follow(window);
      else if (!(await this.catchUp(window))) return;
    }
  }

  /** Hands over what the tail has, or waits until it has more. */
  private async follow(window: TailWindow): Promise<void> {
    let due = false;
    while (!this.closing && !this.tail.isOver && window.holds(this.cursor, this.filter)) {
      const { events, head } = window.take(this.cursor, this.isWanted, this.options.maxBatch ?? DEFAULT_MAX_BATCH);
      const moved = head > this.cursor;
      if (moved && (events.length > 0 || due)) {
        await this.handOver(events, head);
        due = false;
      } else due = (await this.tail.next(this.isWanted, moved)) === 'head';
    }
  }

  /** False when the store has ended. */
  private async catchUp(window: TailWindow): Promise<boolean> {
    let isThere = false;
    const own = this.store.subscribe({
      ...this.options,
      after: this.cursor,
      onBatch: async (events, head) => {
        if (isThere || this.closing) return;
        await this.handOver(events, head);
        isThere = this.tail.isOver || window.holds(this.cursor, this.filter);
        if (isThere) void own.close();
      },
    });
    this.own = own;
    await own.ended.finally(() => (this.own = null));
    return isThere;
  }

  private async handOver(events: readonly RecordedEvent[], head: number): Promise<void> {
    await this.options.onBatch(events, head);
    this.cursor = head;
  }
}
