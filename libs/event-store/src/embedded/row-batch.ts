import type { DatabaseSync } from 'node:sqlite';

type Column = string | number | null;

/** Rows that go into the file in one transaction, column after column: a flat list crosses to another thread at a fraction of the cost of objects. */
export interface RowBatch {
  /** id, name */
  readonly streams: Column[];
  /** id, category, type */
  readonly kinds: Column[];
  /** position, stream id, revision, kind id, event id, schema version, time, previous hash, data, metadata (null for that of the row before), checksum */
  readonly events: Column[];
  /** stream, revision, schema version, state */
  readonly snapshots: Column[];
}

export function emptyRowBatch(): RowBatch {
  return { streams: [], kinds: [], events: [], snapshots: [] };
}

export const EVENT_COLUMN_COUNT = 11;

/** Inserts the rows of a batch, inside a transaction that its caller begins and commits. */
export function createRowWriter(database: DatabaseSync): (batch: RowBatch) => void {
  const stream = database.prepare('INSERT INTO streams (id, name) VALUES (?, ?)');
  const kind = database.prepare('INSERT INTO kinds (id, category, type) VALUES (?, ?, ?)');
  const event = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  // At the same revision a newer shape replaces an older one.
  const snapshot = database.prepare(
    `INSERT INTO snapshots (stream, revision, schema_version, state) VALUES (?, ?, ?, ?)
     ON CONFLICT (stream) DO UPDATE SET revision = excluded.revision, schema_version = excluded.schema_version, state = excluded.state
     WHERE (excluded.revision, excluded.schema_version) > (revision, schema_version)`,
  );
  const value = (row: readonly Column[], place: number): Column => row[place] ?? null;
  return ({ streams, kinds, events, snapshots }) => {
    for (let row = 0; row < streams.length; row += 2) stream.run(value(streams, row), value(streams, row + 1));
    for (let row = 0; row < kinds.length; row += 3) kind.run(value(kinds, row), value(kinds, row + 1), value(kinds, row + 2));
    let metadata: Column = null;
    for (let row = 0; row < events.length; row += EVENT_COLUMN_COUNT) {
      metadata = value(events, row + 9) ?? metadata;
      // prettier-ignore
      event.run(
        value(events, row), value(events, row + 1), value(events, row + 2), value(events, row + 3), value(events, row + 4), value(events, row + 5),
        value(events, row + 6), value(events, row + 7), value(events, row + 8), metadata, value(events, row + 10),
      );
    }
    for (let row = 0; row < snapshots.length; row += 4) {
      snapshot.run(value(snapshots, row), value(snapshots, row + 1), value(snapshots, row + 2), value(snapshots, row + 3));
    }
  };
}
