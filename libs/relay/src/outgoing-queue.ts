import type { RelayLimits, RoutedMessage } from './relay-ports.js';
import type { StuckEvent } from './relay-state.js';

/** An event on its way out, or, without event, a position up to which nothing more comes. */
export interface Outgoing {
  readonly position: number;
  readonly event: StuckEvent | null;
  readonly messages: readonly RoutedMessage[];
  /** Of the event's data as JSON. */
  readonly bytes: number;
}

/** What was read and has not gone out, in the order of the log. */
export class OutgoingQueue {
  private items: Outgoing[] = [];
  private bytes = 0;
  private messages = 0;

  constructor(private readonly limits: Pick<RelayLimits, 'maxQueuedEvents' | 'maxQueuedBytes' | 'maxBatchEvents' | 'maxBatchBytes'>) {}

  get isFull(): boolean {
    return this.items.length >= this.limits.maxQueuedEvents || this.bytes >= this.limits.maxQueuedBytes;
  }

  get hasMessages(): boolean {
    return this.messages > 0;
  }

  /** What goes out next would not grow any more. */
  get fillsBatch(): boolean {
    return this.items.length >= this.limits.maxBatchEvents || this.bytes >= this.limits.maxBatchBytes;
  }

  add(item: Outgoing): void {
    const last = this.items.at(-1);
    // Positions without events replace each other, so that a log full of other things does not fill the queue.
    if (item.event === null && last?.event === null) this.items[this.items.length - 1] = item;
    else this.items.push(item);
    this.bytes += item.bytes;
    this.messages += item.messages.length;
  }

  /** What goes out together next; empty when nothing waits. It is no longer in the queue. */
  next(): readonly Outgoing[] {
    const { maxBatchEvents, maxBatchBytes } = this.limits;
    let count = 0;
    let bytes = 0;
    for (const item of this.items) {
      bytes += item.bytes;
      if (count > 0 && (bytes > maxBatchBytes || count >= maxBatchEvents)) break;
      count += 1;
    }
    const batch = this.items.slice(0, count);
    this.items = this.items.slice(count);
    for (const item of batch) {
      this.bytes -= item.bytes;
      this.messages -= item.messages.length;
    }
    return batch;
  }
}
