import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { EventKinds } from './event-kinds.js';
import { checksumOf, EVENT_COLUMNS, EventRows, type EventRow } from './event-rows.js';
import { messageOf } from './sqlite-errors.js';

const PAGE = 500;
const MOST_FILE_PROBLEMS = 20;
const MOST_LISTED = 1_000;

export interface LostEvent {
  /** Empty where only the position is known. */
  readonly stream: string;
  readonly revision: number | null;
  readonly position: number | null;
  readonly message: string;
}

export interface DamageSurvey {
  /** Events that could be read and stand as they were written, as far as the hashes tell. */
  readonly events: number;
  readonly streams: number;
  /** What SQLite says of the file itself; empty when it is sound. */
  readonly file: readonly string[];
  /** The first thousand, by stream and revision. */
  readonly lost: readonly LostEvent[];
  readonly lostCount: number;
}

/**
 * Finds everything that is wrong with an event store's file and changes nothing in it: the file's structure, then each event by the index of its stream, its
 * content and its link in the hash chain. Where an index cannot be read, events are looked for by position. May run while another process writes.
 *
 * A change of a stream's newest event is seen by its checksum; files of the first schema have none.
 */
export function surveyDamage(file: string): DamageSurvey {
  const lost: LostEvent[] = [];
  let lostCount = 0;
  const survey = { events: 0, streams: 0, file: [] as string[] };
  const lose = (event: LostEvent): void => {
    lostCount += 1;
    if (lost.length < MOST_LISTED) lost.push(event);
  };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    survey.file.push(...structure(database));
    walk(database, file, survey, lose);
  } catch (error) {
    survey.file.push(`${file} cannot be read: ${messageOf(error)}`);
  } finally {
    database?.close();
  }
  return { ...survey, lost, lostCount };
}

interface Counts {
  events: number;
  streams: number;
  readonly file: string[];
}

function structure(database: DatabaseSync): readonly string[] {
  try {
    const lines = database
      .prepare(`PRAGMA integrity_check(${MOST_FILE_PROBLEMS})`)
      .all()
      .flatMap((row) => Object.values(row));
    return lines.map(String).filter((line) => line !== 'ok');
  } catch (error) {
    return [`the structure cannot be checked: ${messageOf(error)}`];
  }
}

function walk(database: DatabaseSync, file: string, counts: Counts, lose: (event: LostEvent) => void): void {
  const rows = new EventRows(file, new EventKinds(database));
  const readRow = arrays(
    database,
    `SELECT e.stream_id, ${checksumColumn(database)}, ${EVENT_COLUMNS.replace('s.name', "''")} FROM events e NOT INDEXED WHERE e.position = ?`,
  );
  const nameOf = database.prepare('SELECT name FROM streams WHERE id = ?');
  const index = arrays(
    database,
    `SELECT stream_id, revision, position FROM events INDEXED BY events_by_stream
     WHERE (stream_id, revision) > (?, ?) ORDER BY stream_id, revision LIMIT ${PAGE}`,
  );
  let [streamId, revision] = [-1, -1];
  let stream = '';
  /** Null at the start of a stream; undefined where the event before could not be read. */
  let hash: string | null | undefined = null;
  let before: LostEvent | null = null;
  for (;;) {
    let page: readonly (readonly [number, number, number])[];
    try {
      page = index.all(streamId, revision) as never;
    } catch (error) {
      counts.file.push(`the index of streams cannot be read after stream number ${streamId}: ${messageOf(error)}`);
      return walkPositions(database, readRow, rows, counts, lose);
    }
    if (page.length === 0) return;
    for (const [id, found, position] of page) {
      if (id !== streamId) {
        counts.streams += 1;
        stream = nameOfStream(nameOf, id);
        [streamId, revision, hash, before] = [id, -1, null, null];
      }
      if (found !== revision + 1) {
        lose({ stream, revision: revision + 1, position: null, message: `revisions ${revision + 1} to ${found - 1} are missing` });
        hash = undefined;
      }
      revision = found;
      const place = { stream, revision, position };
      const read = readEvent(readRow, rows, place, id);
      if ('message' in read) {
        lose({ ...place, message: read.message });
        hash = undefined;
        continue;
      }
      counts.events += 1;
      const link = read.row[7];
      if (hash !== undefined && link !== hash)
        lose(
          before === null
            ? { ...place, message: 'does not begin its stream as it was written' }
            : { ...before, message: `is not as it was written: revision ${revision} carries another hash of it` },
        );
      hash = rows.hash(read.row);
      before = { ...place, message: '' };
      if (read.checksum === null || read.checksum === checksumOf(hash)) continue;
      lose({ ...place, message: 'is not as it was written: its checksum differs' });
      hash = undefined;
    }
  }
}

type FoundRow = readonly [streamId: number, checksum: number | null, ...EventRow];

function readEvent(
  readRow: StatementSync,
  rows: EventRows,
  { stream, revision, position }: { readonly stream: string; readonly revision: number; readonly position: number },
  streamId: number,
): { readonly row: EventRow; readonly checksum: number | null } | { readonly message: string } {
  try {
    const found = readRow.get(position) as unknown as FoundRow | undefined;
    if (found === undefined) return { message: 'is missing' };
    const [id, checksum, at, , itsRevision, ...rest] = found;
    if (id !== streamId || itsRevision !== revision || at !== position) return { message: 'another event stands in its place' };
    const row: EventRow = [at, stream, itsRevision, ...rest];
    rows.toEvent(row);
    return { row, checksum };
  } catch (error) {
    return { message: `cannot be read: ${messageOf(error)}` };
  }
}

/** Without the index: one position after the other, as far as the file says that it goes. */
function walkPositions(
  database: DatabaseSync,
  readRow: StatementSync,
  rows: EventRows,
  counts: Counts,
  lose: (event: LostEvent) => void,
): void {
  let last: number;
  try {
    last = Number(database.prepare('SELECT max(position) AS last FROM events NOT INDEXED').get()?.['last'] ?? -1);
  } catch (error) {
    counts.file.push(`the end of the log cannot be found: ${messageOf(error)}`);
    return;
  }
  counts.events = 0;
  for (let position = 0; position <= last; position++) {
    try {
      const found = readRow.get(position) as unknown as FoundRow | undefined;
      if (found === undefined) {
        lose({ stream: '', revision: null, position, message: 'is missing' });
        continue;
      }
      const [, , ...row] = found;
      rows.toEvent(row);
      counts.events += 1;
    } catch (error) {
      lose({ stream: '', revision: null, position, message: `cannot be read: ${messageOf(error)}` });
    }
  }
}

/** The first schema had none. */
function checksumColumn(database: DatabaseSync): string {
  const has = database
    .prepare('PRAGMA table_info(events)')
    .all()
    .some(({ name }) => name === 'checksum');
  return has ? 'e.checksum' : 'NULL';
}

function nameOfStream(statement: StatementSync, id: number): string {
  try {
    return String(statement.get(id)?.['name'] ?? `stream number ${id}, whose name is missing`);
  } catch {
    return `stream number ${id}, whose name cannot be read`;
  }
}

function arrays(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}
