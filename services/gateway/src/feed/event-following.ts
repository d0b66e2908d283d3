import type { EventStore, EventSubscription } from '@tutti/event-store';
import { TuttiError, type RecordedEvent } from '@tutti/kernel';
import { endAsOf, endWith, LIFECYCLE, type RunEnd } from './run-end.js';
import { revisionBehind, firstPosition, type SelectedEvents } from './selected-events.js';

/** Whoever takes the events, at the reader's own speed. */
export interface EventReader {
  /** Waits until there is room for one more; false when nothing is taken any more. */
  room(): Promise<boolean>;
  /** Only called behind a `room` that said yes. */
  event(event: RecordedEvent): void;
  /** Once: everything up to the position that was there at the beginning has been given. */
  caughtUp(position: number): void;
}

/** Where a reader begins. */
export interface Beginning {
  /** Events behind this position. */
  readonly after: number;
  /** Of the newest event. */
  readonly head: number;
}

export interface FollowingOptions {
  /** Events handed over by the store at once. */
  readonly maxBatch: number;
  /** Ends behind the last event of the selected run, instead of waiting for what may come. */
  readonly untilRunEnds?: boolean;
}

/** @throws TuttiError INVALID_REQUEST for a position that the store has not reached */
export async function beginAt(store: Pick<EventStore, 'head'>, wanted: number | 'head'): Promise<Beginning> {
  const head = await store.head();
  const after = wanted === 'head' ? head : wanted;
  if (after <= head) return { after, head };
  throw new TuttiError('INVALID_REQUEST', `after is ${after}, but the newest event is at ${head}: the position is from another store`);
}

/**
 * One reader of the log, whatever carries it: catches up from its position, says so once, and follows. Gives each selected event once, in order of
 * position, and reads no further than one batch ahead of what the reader takes.
 */
export class EventFollowing {
  private closed = false;
  private caughtUp = false;
  private source: EventSubscription | null = null;
  /** Position of the last event that was given or passed over; what comes twice is passed over. */
  private through = -1;
  /** How the run stands, as far as it was read. */
  private end: RunEnd | null = null;
  private finish: () => void = () => {};

  constructor(
    private readonly store: Pick<EventStore, 'readStream' | 'subscribe'>,
    private readonly selected: SelectedEvents,
    private readonly reader: EventReader,
    private readonly options: FollowingOptions,
  ) {}

  /**
   * Runs until it is closed, or until the run has ended.
   *
   * @returns how the run ended; null when it was closed
   * @throws TuttiError SHUTTING_DOWN when the store was closed · what the store throws
   */
  async run(beginning: Beginning): Promise<RunEnd | null> {
    const { after, head } = beginning;
    this.through = after;
    const from = await this.readAhead(beginning);
    this.through = Math.max(this.through, from);
    if (this.closed) return null;
    if (from === head) this.sayCaughtUp(head);
    if (await this.isOver()) return this.end;
    if (this.closed) return null;
    const finished = new Promise<void>((resolve) => (this.finish = resolve));
    this.source = this.store.subscribe({
      after: from,
      filter: this.filter,
      maxBatch: this.options.maxBatch,
      onBatch: (events, through) => this.take(events, through, head),
    });
    await Promise.race([this.source.ended, finished]);
    if (this.closed) return null;
    if (this.end === null) throw new TuttiError('SHUTTING_DOWN', 'the event store was closed');
    await this.close();
    return this.end;
  }

  /** Position up to which everything selected has been given. */
  get reached(): number {
    return this.through;
  }

  /** Nothing is given any more once this was called; resolves when nothing is read either. */
  async close(): Promise<void> {
    this.closed = true;
    await this.source?.close();
  }

  /** What a run's own stream holds is read by itself: what is there of other runs costs nothing. Returns the position to subscribe behind. */
  private async readAhead({ after, head }: Beginning): Promise<number> {
    const { stream, rootStream } = this.selected;
    if (this.selected.nothing) return head;
    if (stream !== null) {
      const from = await revisionBehind(this.store, stream, after);
      if (this.options.untilRunEnds === true) this.end = await endAsOf(this.store, stream, from - 1);
      await this.readStream(stream, from, head);
      return head;
    }
    if (after >= head) return head;
    if (rootStream === null) return after;
    const first = await firstPosition(this.store, rootStream);
    return first === null || first > head ? head : Math.max(after, first - 1);
  }

  private async readStream(stream: string, from: number, head: number): Promise<void> {
    for await (const event of this.store.readStream(stream, { from })) {
      if (event.position > head || !(await this.give(event))) return;
    }
  }

  private async take(events: readonly RecordedEvent[], through: number, head: number): Promise<void> {
    for (const event of events) if (!(await this.give(event))) return;
    if (!this.caughtUp && through >= head && !this.closed) this.sayCaughtUp(through);
    if (await this.isOver()) this.finish();
  }

  /** False when nothing more is to be given. */
  private async give(event: RecordedEvent): Promise<boolean> {
    if (this.closed) return false;
    if (event.position <= this.through) return true;
    this.through = event.position;
    if (event.stream === this.selected.stream) this.end = endWith(this.end, event);
    const wanted = this.selected.wants(event);
    if (wanted === false || (wanted !== true && !(await wanted))) return !this.closed;
    const open = await this.reader.room();
    if (!open || this.closed) return false;
    this.reader.event(event);
    return true;
  }

  /** Whether the run has ended and all of it was given. What was recorded with or behind its end may not have come yet: it is fetched. */
  private async isOver(): Promise<boolean> {
    const { stream } = this.selected;
    if (this.options.untilRunEnds !== true || stream === null || this.end === null || this.closed) return false;
    for await (const event of this.store.readStream(stream, { from: this.end.revision + 1 })) if (!(await this.give(event))) return false;
    return this.end !== null && !this.closed;
  }

  /** Ends of the run are looked at even when they are not wanted. */
  private get filter() {
    const { filter } = this.selected;
    if (this.options.untilRunEnds !== true || filter.types === undefined) return filter;
    return { ...filter, types: [...new Set([...filter.types, ...LIFECYCLE])] };
  }

  private sayCaughtUp(position: number): void {
    this.caughtUp = true;
    this.reader.caughtUp(position);
  }
}
