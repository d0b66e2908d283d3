import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import type { EventFilter } from '../event-store.port.js';

export interface WindowBatch {
  readonly events: readonly RecordedEvent[];
  /** Nothing more that matches stands at or before it. */
  readonly head: number;
}

/** The newest events of the log, all of them, from a position on. */
export class TailWindow {
  private readonly events: RecordedEvent[] = [];

  /**
   * @param after the window holds what comes after this position
   * @param maxEvents when there are more, the older half goes
   */
  constructor(
    private after: number,
    private readonly maxEvents: number,
    /** Everything up to here has been seen. */
    private seen = after,
  ) {}

  /** Whether everything after the position is here. */
  holds(position: number): boolean {
    return position >= this.after;
  }

  get reached(): number {
    return this.seen;
  }

  push(events: readonly RecordedEvent[], head: number): void {
    this.events.push(...events);
    this.seen = Math.max(this.seen, head, events.at(-1)?.position ?? -1);
    if (this.events.length <= this.maxEvents) return;
    const dropped = this.events.splice(0, this.events.length - Math.ceil(this.maxEvents / 2));
    this.after = dropped.at(-1)?.position ?? this.after;
  }

  /** What comes after the position, which the window holds, and matches. */
  take(position: number, filter: EventFilter, maxBatch: number): WindowBatch {
    const events: RecordedEvent[] = [];
    for (let at = this.firstAfter(position); at < this.events.length; at++) {
      const event = this.events[at];
      if (event === undefined || !matches(event, filter)) continue;
      if (events.length === maxBatch) return { events, head: events.at(-1)?.position ?? position };
      events.push(event);
    }
    return { events, head: Math.max(position, this.seen) };
  }

  private firstAfter(position: number): number {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.events[middle]?.position ?? Infinity) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function matches({ stream, type }: RecordedEvent, { categories, types }: EventFilter): boolean {
  return (categories?.includes(streamCategory(stream)) ?? true) && (types?.includes(type) ?? true);
}
