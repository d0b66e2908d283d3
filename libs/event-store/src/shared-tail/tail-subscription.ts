import type { RecordedEvent } from '@tutti/kernel';
import type { EventStore, EventSubscription, SubscribeOptions } from '../event-store.port.js';
import type { Tail } from './tail.js';
import type { WindowBatch } from './tail-window.js';

const DEFAULT_MAX_BATCH = 1_000;

/** Reads the log until it is within the tail, then follows that. Falls back to reading when it is so slow that the tail moves past it. */
export class TailSubscription implements EventSubscription {
  readonly ended: Promise<void>;
  private cursor: number;
  private closing = false;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly store: Pick<EventStore, 'readAll'>,
    private readonly tail: Tail,
  ) {
    this.cursor = options.after;
    this.ended = this.run();
  }

  close(): Promise<void> {
    this.closing = true;
    this.tail.wake();
    return this.ended.catch(() => undefined);
  }

  private async run(): Promise<void> {
    // The subscriber gets its subscription before its first batch.
    await Promise.resolve();
    while (!this.closing) {
      const batch = await this.next();
      if (this.closing) return;
      if (batch !== null) {
        await this.options.onBatch(batch.events, batch.head);
        this.cursor = batch.head;
      } else if (this.tail.isOver) return this.tail.ended;
      else await this.tail.next();
    }
  }

  /** Null when there is nothing new. */
  private async next(): Promise<WindowBatch | null> {
    const { filter = {}, maxBatch = DEFAULT_MAX_BATCH } = this.options;
    const window = this.tail.events;
    if (window === null) return null;
    const batch = window.holds(this.cursor) ? window.take(this.cursor, filter, maxBatch) : await this.read(window.reached, maxBatch);
    return batch.head > this.cursor ? batch : null;
  }

  /** @param reached the log is known up to here at least before it is read */
  private async read(reached: number, maxBatch: number): Promise<WindowBatch> {
    const { filter } = this.options;
    const events: RecordedEvent[] = [];
    for await (const event of this.store.readAll({ from: this.cursor + 1, limit: maxBatch, ...(filter === undefined ? {} : { filter }) }))
      events.push(event);
    const last = events.at(-1)?.position ?? this.cursor;
    return { events, head: events.length === maxBatch ? last : Math.max(last, reached) };
  }
}
