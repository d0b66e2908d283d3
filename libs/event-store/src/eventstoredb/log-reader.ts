import { ErrorType } from '@eventstore/db-client';
import type { RecordedEvent } from '@tutti/kernel';
import { eventMatcher, type EventMatcher } from '../event-filter.js';
import type { EventFilter, ReadOptions } from '../event-store.port.js';
import { isType } from './client-errors.js';
import type { ServerRecord } from './read-answers.js';
import { readAllRequest, readStreamRequest, type LogPlace, type PageOptions } from './read-requests.js';
import { recordedEvent } from './recorded-event.js';
import type { ServerConnection } from './server-connection.js';
import type { StreamNames } from './stream-names.js';

const PAGE = 500;
const FIRST_TAIL = 1;
const MAX_TAIL = 4_096;

/** A part of the log. */
export interface LogPage {
  /** What is wanted of it. */
  readonly events: readonly RecordedEvent[];
  /** Position of the last event in it, whatever that is. */
  readonly last: number;
}

interface LogReaderParts {
  readonly connection: ServerConnection;
  readonly names: StreamNames;
  /** How long a page is asked for while the server is away. */
  readonly readLimitMs: number;
  /** No event of Tutti's stands at or before this position; -1 when nothing is known of it. */
  readonly beginsAfter: number;
}

/** Reads of the client, page by page, so that a slow reader holds no call open, and one that stops leaves none. */
export class LogReader {
  /** Tutti's last event that was seen: the log is not searched behind it. */
  private seen = -1;
  private readonly begin: LogPlace;

  constructor(private readonly parts: LogReaderParts) {
    this.begin = parts.beginsAfter < 0 ? 'start' : parts.beginsAfter;
  }

  async *stream(
    stream: string,
    { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY }: ReadOptions,
  ): AsyncIterable<RecordedEvent> {
    const backwards = direction === 'backwards';
    let next: LogPlace = from ?? (backwards ? 'end' : 'start');
    for (let left = limit; left > 0;) {
      const wanted = Math.min(left, PAGE);
      const page = await this.asking(() => this.streamPage(stream, next, { backwards, count: wanted }));
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
    const isWanted = eventMatcher(filter);
    const pages = direction === 'forwards' ? this.forwards(from ?? 0, isWanted, limit) : this.backwards(from, isWanted, limit);
    for await (const { events } of pages) {
      for (const event of events) {
        yield event;
        left -= 1;
        if (left <= 0) return;
      }
    }
  }

  /** An append of this process ended there. */
  noteAppended(position: number): void {
    this.seen = Math.max(this.seen, position);
  }

  /** Position of the last event that is Tutti's, -1 when there is none. */
  async head(): Promise<number> {
    const { seen } = this;
    let before: number | null = null;
    for (let count = FIRST_TAIL; ; count = Math.min(count * 8, MAX_TAIL)) {
      const tail = await this.asking(() => this.collect(before ?? 'end', { backwards: true, count }));
      const last = tail.find((event) => this.parts.names.own(event.stream) !== null);
      const lowest = tail.at(-1);
      if (last !== undefined) this.seen = Math.max(this.seen, last.position);
      if (last !== undefined || lowest === undefined || tail.length < count || lowest.position <= Math.max(seen, this.parts.beginsAfter))
        return this.seen;
      before = lowest.position;
    }
  }

  /** Tutti's events at or behind a position that are wanted. */
  async *forwards(from: number, isWanted: EventMatcher, limit = Number.POSITIVE_INFINITY): AsyncIterable<LogPage> {
    for (let [next, size] = [from, firstPage(limit)]; ; size = PAGE) {
      const page = await this.asking(() => this.pageFrom(next, size));
      const last = page.at(-1);
      if (last === undefined) return;
      yield this.wanted(page, isWanted);
      if (page.length < size) return;
      next = last.position + 1;
    }
  }

  private async *backwards(from: number | undefined, isWanted: EventMatcher, limit: number): AsyncIterable<LogPage> {
    let before = from === undefined ? null : await this.asking(() => this.firstBehind(from));
    for (let size = firstPage(limit); ; size = PAGE) {
      const page = await this.asking(() => this.collect(before ?? 'end', { backwards: true, count: size }));
      const last = page.at(-1);
      if (last === undefined) return;
      yield this.wanted(page, isWanted);
      if (page.length < size || last.position <= this.parts.beginsAfter) return;
      before = last.position;
    }
  }

  /** Position of the first event of any kind behind this one; null when there is none. */
  private async firstBehind(position: number): Promise<number | null> {
    const next = (await this.pageFrom(position + 1, 1))[0];
    return next === undefined ? null : next.position;
  }

  /**
   * Events of any kind at or behind a position. The server takes places where an event stands, and a caller who goes on behind an event names a place where none may stand: then it
   * is read from that event on.
   */
  private async pageFrom(from: number, count: number): Promise<readonly ServerRecord[]> {
    if (from <= Math.max(this.parts.beginsAfter, 0)) return this.collect(this.begin, { backwards: false, count });
    // Events of one append may share a place in the log, so there may be some before the one that is asked for.
    const found = await this.collect(from - 1, { backwards: false, count: count + 1 }).catch((error: unknown) => {
      if (isType(error, ErrorType.UNKNOWN) || isType(error, ErrorType.INVALID_ARGUMENT))
        return this.collect(from, { backwards: false, count: count + 1 });
      throw error;
    });
    const wanted = found.filter((event) => event.position >= from);
    if (wanted.length > 0 || found.length <= count) return wanted.slice(0, count);
    return this.pageFrom((found.at(-1) as ServerRecord).position + 1, count);
  }

  private async collect(from: LogPlace, options: PageOptions): Promise<readonly ServerRecord[]> {
    const events: ServerRecord[] = [];
    await this.parts.connection.page(readAllRequest(from, options), (answer) => answer.kind === 'event' && events.push(answer.event));
    return events;
  }

  private async streamPage(stream: string, from: LogPlace, options: PageOptions): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    const name = this.parts.names.onServer(stream);
    await this.parts.connection.page(
      readStreamRequest(name, from, options),
      (answer) => answer.kind === 'event' && events.push(recordedEvent(stream, answer.event)),
    );
    return events;
  }

  /** What nobody asks for is not parsed. */
  private wanted(page: readonly ServerRecord[], isWanted: EventMatcher): LogPage {
    const events = page.flatMap((record) => {
      const stream = this.parts.names.own(record.stream);
      return stream === null || !isWanted({ stream, type: record.type }) ? [] : [recordedEvent(stream, record)];
    });
    return { events, last: page.at(-1)?.position ?? -1 };
  }

  private asking<Answer>(what: () => Promise<Answer>): Promise<Answer> {
    return this.parts.connection.ask(this.parts.readLimitMs, what);
  }
}

/** Whoever wants few gets few: most of what a page holds may not match, so not fewer than some. */
function firstPage(limit: number): number {
  return Math.min(Math.max(limit, 32), PAGE);
}
