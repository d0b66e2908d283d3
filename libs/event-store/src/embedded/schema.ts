import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { damaged, isSystemError, toStoreError } from './sqlite-errors.js';

/** Counts up with each change of the tables; kept in `user_version`. */
export const SCHEMA_VERSION = 2;

/** "TUTT", so that `file` and others can tell whose database it is. */
const APPLICATION_ID = 0x54555454;

/** Pages (32 MiB) after which SQLite checkpoints by itself; normally {@link WalCheckpoints} is sooner. */
const AUTOCHECKPOINT_PAGES = 8_192;

/** Somebody looking into the file with a tool may hold it for a moment. */
const FOREIGN_LOCK_MS = 1_000;

/**
 * Kinds of the categories that make up most of a log have odd numbers and stand in no index: they are found by going through the log, which costs little
 * where much of it matches, while an index would cost every append.
 */
export const IS_INDEXED_KIND = 'kind_id % 2 = 0';

export function isIndexedKind(id: number): boolean {
  return id % 2 === 0;
}

/** An index on a column also carries the position (the row's key), so `events_by_kind` gives each kind in order. */
const KIND_INDEX = `CREATE INDEX events_by_kind ON events (kind_id) WHERE ${IS_INDEXED_KIND};`;

const TABLES = `
  CREATE TABLE streams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE kinds (id INTEGER PRIMARY KEY, category TEXT NOT NULL, type TEXT NOT NULL, UNIQUE (category, type)) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY,
    stream_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    kind_id INTEGER NOT NULL,
    event_id TEXT NOT NULL,
    schema_version INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    previous_hash TEXT,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    checksum INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX events_by_stream ON events (stream_id, revision);
  ${KIND_INDEX}
  CREATE TABLE snapshots (
    stream TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Opens the file, or makes it with its folder, readable to its owner only. @throws TuttiError DATA_DAMAGED, STORE_UNAVAILABLE */
export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    createPrivately(file);
    database = new DatabaseSync(file, { timeout: FOREIGN_LOCK_MS });
    recogniseOrCreate(database, file);
    database.exec('PRAGMA journal_mode = WAL');
    applyWriterPragmas(database);
    return database;
  } catch (error) {
    database?.close();
    throw toStoreError(file, error);
  }
}

/** What a connection that writes needs, each for itself. Durable means synced at every commit. */
export function applyWriterPragmas(database: DatabaseSync): void {
  database.exec(`
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES};
    PRAGMA journal_size_limit = 33554432;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
  `);
}

/** For another thread than the one that writes; the file must be there. @throws TuttiError DATA_DAMAGED, STORE_UNAVAILABLE */
export function openDatabaseForReading(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: FOREIGN_LOCK_MS, readOnly: true });
    database.exec('PRAGMA query_only = 1; PRAGMA cache_size = -16384');
    return database;
  } catch (error) {
    throw toStoreError(file, error);
  }
}

/** Touched by name only: closing any descriptor of the file would drop the locks this process holds on it. */
function createPrivately(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
    chmodSync(file, 0o600);
  }
}

function recogniseOrCreate(database: DatabaseSync, file: string): void {
  const number = (sql: string): number => Object.values(database.prepare(sql).get() ?? {})[0] as number;
  const applicationId = number('PRAGMA application_id');
  const version = number('PRAGMA user_version');
  if (applicationId === APPLICATION_ID && version === SCHEMA_VERSION) return;
  if (applicationId === APPLICATION_ID && version === 1) {
    // 1 had an index on ids, every kind in the other, and no checksums.
    database.exec(
      `BEGIN EXCLUSIVE; ALTER TABLE events ADD COLUMN checksum INTEGER; DROP INDEX events_by_id; DROP INDEX events_by_kind; ${KIND_INDEX} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`,
    );
    return;
  }
  if (applicationId === APPLICATION_ID) throw damaged(file, `has schema version ${version}, this program knows ${SCHEMA_VERSION}`);
  const empty = applicationId === 0 && version === 0 && number('SELECT count(*) FROM sqlite_schema') === 0;
  if (!empty) throw damaged(file, 'is a database of another program');
  database.exec(`BEGIN EXCLUSIVE; ${TABLES} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
}
