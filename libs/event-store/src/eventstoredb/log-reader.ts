import {
  BACKWARDS,
  END,
  ErrorType,
  FORWARDS,
  START,
  type AllStreamRecordedEvent,
  type EventStoreDBClient,
  type ReadPosition,
} from '@eventstore/db-client';
import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import type { EventFilter, ReadOptions } from '../event-store.port.js';
import { isType } from './client-errors.js';
import { isHidden, recordedEvent } from './recorded-event.js';

const PAGE = 500;
const FIRST_TAIL = 32;

type ServerEvent = AllStreamRecordedEvent;

/** Reads of the client, page by page, so that a slow reader holds no call open. */
export class LogReader {
  constructor(private readonly client: EventStoreDBClient) {}

  async *stream(
    stream: string,
    { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY }: ReadOptions,
  ): AsyncIterable<RecordedEvent> {
    const backwards = direction === 'backwards';
    let next = from;
    for (let left = limit; left > 0;) {
      const wanted = Math.min(left, PAGE);
      const page = await this.streamPage(stream, backwards, next, wanted);
      yield* page;
      left -= page.length;
      const last = page.at(-1);
      if (last === undefined || page.length < wanted || (backwards && last.revision === 0)) return;
      next = last.revision + (backwards ? -1 : 1);
    }
  }

  async *all(options: ReadOptions & { readonly filter?: EventFilter }): AsyncIterable<RecordedEvent> {
    const { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY, filter } = options;
    let left = limit;
    if (left <= 0) return;
    const pages = direction === 'forwards' ? this.forwards(from ?? 0) : this.backwards(from);
    for await (const page of pages) {
      for (const event of page) {
        if (!matches(event, filter)) continue;
        yield event;
        left -= 1;
        if (left <= 0) return;
      }
    }
  }

  /** Position of the last event that is Tutti's, -1 when there is none. */
  async head(): Promise<number> {
    for (let count = FIRST_TAIL; ; count *= 4) {
      const tail = await this.collect(END, BACKWARDS, count);
      const last = tail.find(({ streamId }) => !isHidden(streamId));
      if (last !== undefined) return positionOf(last);
      if (tail.length < count) return -1;
    }
  }

  /** Tutti's events at or behind a position, in pages; each page is whole, and may be empty. */
  async *forwards(from: number): AsyncIterable<readonly RecordedEvent[]> {
    for (let next = from; ;) {
      const page = await this.pageFrom(next);
      yield page.filter(({ streamId }) => !isHidden(streamId)).map(recordedEvent);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      next = positionOf(last) + 1;
    }
  }

  private async *backwards(from: number | undefined): AsyncIterable<readonly RecordedEvent[]> {
    let before = from === undefined ? null : await this.firstBehind(from);
    for (;;) {
      const page = await this.collect(before === null ? END : place(before), BACKWARDS, PAGE);
      yield page.filter(({ streamId }) => !isHidden(streamId)).map(recordedEvent);
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      before = positionOf(last);
    }
  }

  /** Position of the first event of any kind behind this one; null when there is none. */
  private async firstBehind(position: number): Promise<number | null> {
    const next = (await this.pageFrom(position + 1, 1))[0];
    return next === undefined ? null : positionOf(next);
  }

  /**
   * Events of any kind at or behind a position. The server takes places where an event stands, and a caller who goes on behind an event names a place where none may stand: then it
   * is read from that event on.
   */
  private async pageFrom(from: number, count = PAGE): Promise<readonly ServerEvent[]> {
    if (from <= 0) return this.collect(START, FORWARDS, count);
    const [first, second] = [from - 1, from];
    // Events of one append may share a place in the log, so there may be some before the one that is asked for.
    const found = await this.collect(place(first), FORWARDS, count + 1).catch((error: unknown) => {
      if (isType(error, ErrorType.UNKNOWN) || isType(error, ErrorType.INVALID_ARGUMENT))
        return this.collect(place(second), FORWARDS, count + 1);
      throw error;
    });
    const wanted = found.filter((event) => positionOf(event) >= from);
    if (wanted.length > 0 || found.length <= count) return wanted.slice(0, count);
    return this.pageFrom(positionOf(found.at(-1) as ServerEvent) + 1, count);
  }

  private async collect(
    fromPosition: ReadPosition,
    direction: typeof FORWARDS | typeof BACKWARDS,
    maxCount: number,
  ): Promise<readonly ServerEvent[]> {
    const events: ServerEvent[] = [];
    for await (const { event } of this.client.readAll({ fromPosition, direction, maxCount })) {
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  private async streamPage(
    stream: string,
    backwards: boolean,
    from: number | undefined,
    maxCount: number,
  ): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    const fromRevision = from === undefined ? (backwards ? END : START) : BigInt(from);
    try {
      const read = this.client.readStream(stream, { fromRevision, direction: backwards ? BACKWARDS : FORWARDS, maxCount });
      for await (const { event } of read) {
        if (event !== undefined) events.push(recordedEvent(event));
      }
    } catch (error) {
      if (isType(error, ErrorType.STREAM_NOT_FOUND)) return [];
      throw error;
    }
    return events;
  }
}

export function matches(event: RecordedEvent, { categories, types }: EventFilter = {}): boolean {
  return (categories?.includes(streamCategory(event.stream)) ?? true) && (types?.includes(event.type) ?? true);
}

/** A place in the log as the server takes it. */
export function place(position: number): { readonly commit: bigint; readonly prepare: bigint } {
  return { commit: BigInt(position), prepare: BigInt(position) };
}

export function positionOf({ position }: Pick<ServerEvent, 'position'>): number {
  return Number(position.prepare);
}
