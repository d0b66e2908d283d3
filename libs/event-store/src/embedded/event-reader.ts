import type { RecordedEvent } from '@tutti/kernel';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { ReadOptions } from '../event-store.port.js';
import type { KindMatcher } from './event-kinds.js';
import { EVENT_COLUMNS, type EventRow, type EventRows } from './event-rows.js';
import { IS_INDEXED_KIND, isIndexedKind } from './schema.js';

/** A page is read in one go, holding up everything else: at most this many events, and no more once they have these bytes. */
export const PAGE_EVENTS = 500;
const PAGE_BYTES = 2 * 1024 * 1024;

/** A page looks at no more of the log than this. */
const SCANNED_EVENTS = 20_000;

const MAX_STREAM_NAMES = 10_000;

/** More kinds than this are looked for by reading everything. */
const MAX_MERGED_KINDS = 200;

export interface Page {
  readonly events: readonly RecordedEvent[];
  /** The page is complete up to this position (of a stream: revision), inclusive; null when nothing is left in its direction. */
  readonly through: number | null;
}

interface Rows {
  readonly rows: readonly EventRow[];
  /** There may be more. */
  readonly full: boolean;
}

type Direction = NonNullable<ReadOptions['direction']>;

/** Reads pages of committed events; never leaves a statement open. */
export class EventReader {
  private readonly statements = new Map<string, StatementSync>();
  private readonly streamNames = new Map<number, string>();

  constructor(
    private readonly database: DatabaseSync,
    private readonly rows: EventRows,
  ) {}

  streamPage(stream: string, options: ReadOptions): Page {
    const [bound, order, start] = options.direction === 'backwards' ? ['<=', 'DESC', Number.MAX_SAFE_INTEGER] : ['>=', 'ASC', 0];
    const statement = this.statement(
      `SELECT ${EVENT_COLUMNS} FROM streams s CROSS JOIN events e ON e.stream_id = s.id
       WHERE s.name = ? AND e.revision ${bound} ? ORDER BY e.revision ${order} LIMIT ?`,
    );
    const size = Math.min(options.limit ?? PAGE_EVENTS, PAGE_EVENTS);
    const { rows, full } = this.read(statement, [stream, options.from ?? start], size);
    return { events: rows.map((row) => this.rows.toEvent(row)), through: full ? (rows[rows.length - 1]?.[2] ?? null) : null };
  }

  lastRow(stream: string): EventRow | null {
    const statement = this.statement(
      `SELECT ${EVENT_COLUMNS} FROM streams s CROSS JOIN events e ON e.stream_id = s.id WHERE s.name = ? ORDER BY e.revision DESC LIMIT ?`,
    );
    return this.read(statement, [stream], 1).rows[0] ?? null;
  }

  /** Events of all streams from a position on, inclusive. */
  allPage(matcher: KindMatcher, direction: Direction, from: number, limit: number): Page {
    const size = Math.min(limit, PAGE_EVENTS);
    const kindIds = matcher.matchesAll ? null : matcher.kindIds();
    if (kindIds?.length === 0) return { events: [], through: null };
    if (kindIds === null || kindIds.length > MAX_MERGED_KINDS || !kindIds.every(isIndexedKind))
      return this.scanned(kindIds, direction, from, size);
    const parameters = kindIds.flatMap((id) => [id, from]);
    const { rows, full } = this.read(this.statement(mergeKinds(kindIds.length, direction)), parameters, size);
    return { events: rows.map((row) => this.rows.toEvent(row)), through: full ? (rows.at(-1)?.[0] ?? null) : null };
  }

  /** Rows of all streams between two positions, inclusive, at most a page. */
  rowsFrom(from: number, to: number): Rows {
    const columns = EVENT_COLUMNS.replace('s.name', 'e.stream_id');
    const statement = this.statement(`SELECT ${columns} FROM events e WHERE e.position BETWEEN ? AND ? ORDER BY e.position LIMIT ?`);
    const { rows, full } = this.read(statement, [from, to], PAGE_EVENTS);
    for (const row of rows as unknown as [number, string | number][]) row[1] = this.streamName(row[1] as number);
    return { rows, full };
  }

  /** A few streams are busy at a time: looked up once, not for each of their events. */
  private streamName(id: number): string {
    let name = this.streamNames.get(id);
    if (name !== undefined) return name;
    const row = this.statement('SELECT name FROM streams WHERE id = ?').get(id) as unknown as readonly [string] | undefined;
    name = row?.[0] ?? '';
    if (this.streamNames.size >= MAX_STREAM_NAMES) this.streamNames.clear();
    this.streamNames.set(id, name);
    return name;
  }

  toEvent(row: EventRow): RecordedEvent {
    return this.rows.toEvent(row);
  }

  /** -1 when there is none. */
  lastPosition(): number {
    const row = this.statement('SELECT max(position) FROM events').get() as unknown as readonly [number | null];
    return row[0] ?? -1;
  }

  /** Rows of all streams, each whole and in order of revision, after the given one. A stream that is missing is named ''. */
  rowsByStream(streamId: number, revision: number): readonly (readonly [streamId: number, checksum: number | null, row: EventRow])[] {
    const statement = this.statement(
      `SELECT e.stream_id, e.checksum, ${EVENT_COLUMNS.replace('s.name', "coalesce(s.name, '')")} FROM events e LEFT JOIN streams s ON s.id = e.stream_id
       WHERE (e.stream_id, e.revision) > (?, ?) ORDER BY e.stream_id, e.revision LIMIT ${PAGE_EVENTS}`,
    );
    const rows = statement.all(streamId, revision) as unknown as readonly (readonly [number, number | null, ...EventRow])[];
    return rows.map(([id, checksum, ...row]) => [id, checksum, row]);
  }

  /** A part of the log, so that a page of what is rare takes no longer than one of what is not. */
  private scanned(kindIds: readonly number[] | null, direction: Direction, from: number, size: number): Page {
    const last = this.lastPosition();
    const [low, high] =
      direction === 'backwards' ? [Math.min(from, last) - SCANNED_EVENTS + 1, Math.min(from, last)] : [from, from + SCANNED_EVENTS - 1];
    const statement = this.statement(
      `SELECT ${EVENT_COLUMNS} FROM events e CROSS JOIN streams s ON s.id = e.stream_id
       WHERE e.position BETWEEN ? AND ?${kindIds === null ? '' : ` AND e.kind_id IN (${kindIds.join(', ')})`}
       ORDER BY e.position ${direction === 'backwards' ? 'DESC' : 'ASC'} LIMIT ?`,
    );
    const { rows, full } = this.read(statement, [low, high], size);
    const events = rows.map((row) => this.rows.toEvent(row));
    if (full) return { events, through: rows.at(-1)?.[0] ?? null };
    if (direction === 'backwards') return { events, through: low <= 0 ? null : low };
    return { events, through: high >= last ? null : high };
  }

  private read(statement: StatementSync, parameters: readonly SQLInputValue[], size: number): Rows {
    const rows: EventRow[] = [];
    let bytes = 0;
    for (const raw of statement.iterate(...parameters, size)) {
      const row = raw as unknown as EventRow;
      rows.push(row);
      bytes += row[8].length + row[9].length;
      if (bytes >= PAGE_BYTES) break;
    }
    return { rows, full: rows.length > 0 && (rows.length >= size || bytes >= PAGE_BYTES) };
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      statement.setReturnArrays(true);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}

/** SQLite merges the arms of a compound select lazily when each comes in order from its index, so a page costs what it gives. */
function mergeKinds(count: number, direction: Direction): string {
  const [bound, order] = direction === 'backwards' ? ['<=', 'DESC'] : ['>=', 'ASC'];
  const arm = `SELECT position FROM events WHERE ${IS_INDEXED_KIND} AND kind_id = ? AND position ${bound} ?`;
  const merged = Array.from({ length: count }, () => arm).join(' UNION ALL ');
  return `SELECT ${EVENT_COLUMNS} FROM (${merged} ORDER BY position ${order} LIMIT ?) p
    CROSS JOIN events e ON e.position = p.position CROSS JOIN streams s ON s.id = e.stream_id`;
}
