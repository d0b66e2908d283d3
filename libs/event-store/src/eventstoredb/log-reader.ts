import {
  BACKWARDS,
  END,
  ErrorType,
  FORWARDS,
  START,
  type AllStreamResolvedEvent,
  type AllStreamRecordedEvent,
  type ReadPosition,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import type { EventFilter, ReadOptions } from '../event-store.port.js';
import { isType } from './client-errors.js';
import { recordedEvent } from './recorded-event.js';
import type { ServerConnection } from './server-connection.js';
import type { StreamNames } from './stream-names.js';

const PAGE = 500;
const FIRST_TAIL = 1;
const MAX_TAIL = 4_096;

type ServerEvent = AllStreamRecordedEvent;

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
  private readonly begin: ReadPosition;

  constructor(private readonly parts: LogReaderParts) {
    this.begin = parts.beginsAfter < 0 ? START : place(parts.beginsAfter);
  }

  async *stream(
    stream: string,
    { direction = 'forwards', from, limit = Number.POSITIVE_INFINITY }: ReadOptions,
  ): AsyncIterable<RecordedEvent> {
    const backwards = direction === 'backwards';
    let next = from;
    for (let left = limit; left > 0;) {
      const wanted = Math.min(left, PAGE);
      const page = await this.asking(() => this.streamPage(stream, backwards, next, wanted));
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
    const pages = direction === 'forwards' ? this.forwards(from ?? 0, limit) : this.backwards(from, limit);
    for await (const page of pages) {
      for (const event of page) {
        if (!matches(event, filter)) continue;
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
      const tail = await this.asking(() => this.collect(before === null ? END : place(before), BACKWARDS, count));
      const last = tail.find(({ streamId }) => this.parts.names.own(streamId) !== null);
      const lowest = tail.at(-1);
      if (last !== undefined) this.seen = Math.max(this.seen, positionOf(last));
      if (last !== undefined || lowest === undefined || tail.length < count || positionOf(lowest) <= Math.max(seen, this.parts.beginsAfter))
        return this.seen;
      before = positionOf(lowest);
    }
  }

  /** Tutti's events at or behind a position, in pages; each page is whole, and may be empty. */
  async *forwards(from: number, limit = Number.POSITIVE_INFINITY): AsyncIterable<readonly RecordedEvent[]> {
    for (let [next, size] = [from, firstPage(limit)]; ; size = PAGE) {
      const page = await this.asking(() => this.pageFrom(next, size));
      yield this.ownOf(page);
      const last = page.at(-1);
      if (last === undefined || page.length < size) return;
      next = positionOf(last) + 1;
    }
  }

  private async *backwards(from: number | undefined, limit: number): AsyncIterable<readonly RecordedEvent[]> {
    let before = from === undefined ? null : await this.asking(() => this.firstBehind(from));
    for (let size = firstPage(limit); ; size = PAGE) {
      const page = await this.asking(() => this.collect(before === null ? END : place(before), BACKWARDS, size));
      yield this.ownOf(page);
      const last = page.at(-1);
      if (last === undefined || page.length < size || positionOf(last) <= this.parts.beginsAfter) return;
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
  private async pageFrom(from: number, count: number): Promise<readonly ServerEvent[]> {
    if (from <= Math.max(this.parts.beginsAfter, 0)) return this.collect(this.begin, FORWARDS, count);
    // Events of one append may share a place in the log, so there may be some before the one that is asked for.
    const found = await this.collect(place(from - 1), FORWARDS, count + 1).catch((error: unknown) => {
      if (isType(error, ErrorType.UNKNOWN) || isType(error, ErrorType.INVALID_ARGUMENT))
        return this.collect(place(from), FORWARDS, count + 1);
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
    await this.parts.connection.page<AllStreamResolvedEvent>(
      (client) => client.readAll({ fromPosition, direction, maxCount }),
      ({ event }) => event !== undefined && events.push(event),
    );
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
    const name = this.parts.names.onServer(stream);
    const direction = backwards ? BACKWARDS : FORWARDS;
    try {
      await this.parts.connection.page<ResolvedEvent>(
        (client) => client.readStream(name, { fromRevision, direction, maxCount }),
        ({ event }) => event !== undefined && events.push(recordedEvent(stream, event)),
      );
    } catch (error) {
      if (isType(error, ErrorType.STREAM_NOT_FOUND)) return [];
      throw error;
    }
    return events;
  }

  private ownOf(page: readonly ServerEvent[]): readonly RecordedEvent[] {
    return page.flatMap((event) => {
      const stream = this.parts.names.own(event.streamId);
      return stream === null ? [] : [recordedEvent(stream, event)];
    });
  }

  private asking<Answer>(what: () => Promise<Answer>): Promise<Answer> {
    return this.parts.connection.ask(this.parts.readLimitMs, what);
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

/** Whoever wants few gets few: most of what a page holds may not match, so not fewer than some. */
function firstPage(limit: number): number {
  return Math.min(Math.max(limit, 32), PAGE);
}
