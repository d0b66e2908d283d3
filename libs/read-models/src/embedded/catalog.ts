import type { DatabaseSync } from 'node:sqlite';
import { TuttiError } from '@tutti/kernel';
import { indexedFields, refuse } from '../definition.js';
import type { FieldPath, ReadModelDefinition } from '../read-models.port.js';
import { columnName, COMPOUND, createColumnSql, createDocumentsSql, createIndexSql, documentsTable, fillColumnSql } from './schema.js';

/** 2: indexed fields are stored columns; 1 had them computed from the document at each write. */
const FORMAT = 2;

const TABLES = `
  CREATE TABLE IF NOT EXISTS collection (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version INTEGER NOT NULL, checkpoint INTEGER NOT NULL, UNIQUE (name, version)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS field (
    collection INTEGER NOT NULL REFERENCES collection (id) ON DELETE CASCADE, number INTEGER NOT NULL, path TEXT NOT NULL, PRIMARY KEY (collection, path)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS live (name TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${FORMAT};
  `;

interface VersionEntry {
  readonly id: number;
  readonly version: number;
}

/** Which collections the file holds, under which numbers. Names stay values here; tables and columns are called by number. */
export interface Catalog {
  /** Number of the collection, made with the tables, columns and indexes that are missing. */
  define(definition: ReadModelDefinition): number;
  /** Number of a collection that is there. @throws TuttiError STORE_UNAVAILABLE when it is not */
  find(definition: ReadModelDefinition): number;
  /** Column of each indexed field. */
  columns(id: number): ReadonlyMap<FieldPath, string>;
  versions(name: string): readonly VersionEntry[];
  liveVersion(name: string): number | null;
  setLive(name: string, version: number): void;
  drop(id: number): void;
}

/** What an earlier format holds is dropped, to be rebuilt. @throws TuttiError STORE_UNAVAILABLE when a later version wrote the file. */
export function createCatalog(database: DatabaseSync, readOnly = false): Catalog {
  const format = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (!readOnly && format > 0 && format < FORMAT) dropAll(database);
  if (format > FORMAT) {
    throw new TuttiError(
      'STORE_UNAVAILABLE',
      `read models in format ${format}, expected ${FORMAT}; delete the file, it is rebuilt from the event store`,
    );
  }
  if (!readOnly) database.exec(TABLES);
  const statements = {
    id: database.prepare('SELECT id FROM collection WHERE name = ? AND version = ?'),
    insert: database.prepare('INSERT INTO collection (name, version, checkpoint) VALUES (?, ?, -1)'),
    delete: database.prepare('DELETE FROM collection WHERE id = ?'),
    fields: database.prepare('SELECT number, path FROM field WHERE collection = ? ORDER BY number'),
    insertField: database.prepare('INSERT INTO field (collection, number, path) VALUES (?, ?, ?)'),
    versions: database.prepare('SELECT id, version FROM collection WHERE name = ?'),
    live: database.prepare('SELECT version FROM live WHERE name = ?'),
    setLive: database.prepare('INSERT INTO live (name, version) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version'),
  };

  const columns = (id: number) => new Map(statements.fields.all(id).map((row) => [String(row['path']), columnName(Number(row['number']))]));
  const addColumn = (id: number, field: FieldPath, number: number, definition: ReadModelDefinition) => {
    statements.insertField.run(id, number, field);
    database.exec(createColumnSql(id, number));
    database.exec(fillColumnSql(id, number, field));
    const compound = database.prepare(`SELECT key FROM ${documentsTable(id)} WHERE ${columnName(number)} = ${COMPOUND} LIMIT 1`).get();
    if (compound !== undefined) {
      refuse(
        `new indexed field ${field} of read model ${definition.name} v${definition.version}: document ${String(compound['key'])} holds an array or object there; give the projection a new version`,
      );
    }
  };
  return {
    columns,
    find({ name, version }) {
      const row = statements.id.get(name, version);
      if (row === undefined) throw new TuttiError('STORE_UNAVAILABLE', `read model ${name} v${version} is not there yet`);
      return Number(row['id']);
    },
    define(definition) {
      const existing = statements.id.get(definition.name, definition.version);
      const id = Number(existing?.['id'] ?? statements.insert.run(definition.name, definition.version).lastInsertRowid);
      if (existing === undefined) database.exec(createDocumentsSql(id));
      const known = columns(id);
      const missing = indexedFields(definition).filter((field) => !known.has(field));
      missing.forEach((field, place) => addColumn(id, field, known.size + place + 1, definition));
      const all = columns(id);
      for (const index of definition.indexes)
        database.exec(
          createIndexSql(
            id,
            index.map((field) => all.get(field) ?? refuse(`field ${field} has no column`)),
          ),
        );
      return id;
    },
    versions: (name) => statements.versions.all(name).map((row) => ({ id: Number(row['id']), version: Number(row['version']) })),
    liveVersion(name) {
      const row = statements.live.get(name);
      return row === undefined ? null : Number(row['version']);
    },
    setLive: (name, version) => void statements.setLive.run(name, version),
    drop(id) {
      database.exec(`DROP TABLE ${documentsTable(id)}`);
      statements.delete.run(id);
    },
  };
}

function dropAll(database: DatabaseSync): void {
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  for (const { name } of tables) database.exec(`DROP TABLE "${String(name)}"`);
}
