import type { RecordedEvent } from '@tutti/kernel';
import { coversFilter, type EventMatcher } from '../event-filter.js';
import type { EventFilter } from '../event-store.port.js';
import { unitsOf } from '../units-of-memory.js';

export interface WindowBatch {
  readonly events: readonly RecordedEvent[];
  /** Nothing more that matches stands at or before it. */
  readonly head: number;
}

export interface WindowLimits {
  readonly events: number;
  /** About the characters that they take. */
  readonly units: number;
}

/** Everything that matches the filter and comes after the position is in the window, as far as that reaches. */
interface Span {
  readonly filter: EventFilter;
  readonly after: number;
}

/** The newest events of the log, those that somebody follows, from a position on. */
export class TailWindow {
  private readonly events: RecordedEvent[] = [];
  private readonly units: number[] = [];
  private totalUnits = 0;
  private spans: readonly Span[] = [];
  /** What stood at or before it is gone from here. */
  private droppedTo = -1;

  constructor(
    private readonly limits: WindowLimits,
    /** Everything up to here has been seen. */
    private seen: number,
  ) {}

  /** Whether everything that matches and comes after the position is here. */
  holds(position: number, filter: EventFilter): boolean {
    return position >= this.droppedTo && this.spans.some((span) => position >= span.after && coversFilter(span.filter, filter));
  }

  get reached(): number {
    return this.seen;
  }

  /** From now on what is pushed is what matches this. */
  follow(filter: EventFilter): void {
    const kept = this.spans.filter((span) => coversFilter(filter, span.filter));
    const since = this.spans.filter((span) => coversFilter(span.filter, filter)).map(({ after }) => after);
    this.spans = [...kept, { filter, after: Math.min(this.seen, ...since) }];
  }

  push(events: readonly RecordedEvent[], head: number): void {
    for (const event of events) {
      const units = unitsOf(event.data);
      this.events.push(event);
      this.units.push(units);
      this.totalUnits += units;
    }
    this.seen = Math.max(this.seen, head, events.at(-1)?.position ?? -1);
    if (this.isFull) this.drop();
  }

  /** What comes after the position, which the window holds, and matches. */
  take(position: number, isWanted: EventMatcher, maxBatch: number): WindowBatch {
    const events: RecordedEvent[] = [];
    for (let at = this.firstAfter(position); at < this.events.length; at++) {
      const event = this.events[at];
      if (event === undefined || !isWanted(event)) continue;
      if (events.length === maxBatch) return { events, head: events.at(-1)?.position ?? position };
      events.push(event);
    }
    return { events, head: Math.max(position, this.seen) };
  }

  private get isFull(): boolean {
    return this.events.length > this.limits.events || this.totalUnits > this.limits.units;
  }

  /** The older ones go, until at most half of what may be kept is left. */
  private drop(): void {
    let count = 0;
    while (this.events.length - count > this.limits.events / 2 || this.totalUnits > this.limits.units / 2) {
      this.totalUnits -= this.units[count] ?? 0;
      count += 1;
    }
    this.droppedTo = this.events[count - 1]?.position ?? this.droppedTo;
    this.events.splice(0, count);
    this.units.splice(0, count);
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
