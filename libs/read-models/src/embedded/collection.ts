import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import { scalarAt } from '../definition.js';
import type { DocumentWrite, FieldPath, StoredDocument } from '../read-models.port.js';
import { documentsTable, sqlValue, type SqlValue } from './schema.js';

/** One version's table and the statements on it, shared by everybody who opened that version. */
export interface Collection {
  readonly table: string;
  get(key: string): StoredDocument | null;
  getMany(keys: readonly string[]): readonly StoredDocument[];
  /** Rows of a SELECT of key, position and document. */
  select(sql: string, values: readonly SqlValue[]): readonly StoredDocument[];
  write(writes: readonly DocumentWrite[], checkpoint: number): void;
  checkpoint(): number;
  /** Fields that have a column; each write fills them. */
  setColumns(columns: ReadonlyMap<FieldPath, string>): void;
  /** Another version has been promoted; every later call throws. */
  retire(): void;
}

const MAX_STATEMENTS = 100;

export function createCollection(database: DatabaseSync, transaction: <Result>(action: () => Result) => Result, id: number): Collection {
  const table = documentsTable(id);
  const statements = new Map<string, StatementSync>();
  let fields: readonly FieldPath[] = [];
  let upsertSql = '';
  let retired = false;

  const prepare = (sql: string): StatementSync => {
    if (retired) throw new TuttiError('STORE_UNAVAILABLE', 'another version of this read model was promoted; open the live one');
    let statement = statements.get(sql);
    if (statement === undefined) {
      const oldest = statements.keys().next().value;
      if (statements.size >= MAX_STATEMENTS && oldest !== undefined) statements.delete(oldest);
      statement = database.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  const checkpoint = () => Number(prepare('SELECT checkpoint FROM collection WHERE id = ?').get(id)?.['checkpoint']);
  const select = (sql: string, values: readonly SqlValue[]) => Array.from(prepare(sql).all(...values), toStored);

  return {
    table,
    checkpoint,
    select,
    get: (key) => select(`SELECT key, position, document FROM ${table} WHERE key = ? AND document IS NOT NULL`, [key])[0] ?? null,
    getMany: (keys) =>
      select(`SELECT key, position, document FROM ${table} WHERE key IN (SELECT value FROM json_each(?)) AND document IS NOT NULL`, [
        JSON.stringify(keys),
      ]),
    write(writes, newCheckpoint) {
      transaction(() => {
        const oldCheckpoint = checkpoint();
        if (newCheckpoint < oldCheckpoint) return;
        const upsert = prepare(upsertSql);
        for (const { key, position, document } of writes) {
          if (document === null) upsert.run(key, position, null, ...fields.map(() => null));
          else upsert.run(key, position, JSON.stringify(document), ...fields.map((field) => sqlValue(scalarAt(document, field) ?? null)));
        }
        if (newCheckpoint === oldCheckpoint) return;
        prepare('UPDATE collection SET checkpoint = ? WHERE id = ?').run(newCheckpoint, id);
        // Repeats of the steps before this one are recognised by their checkpoint from now on, so what they removed need not be remembered.
        prepare(`DELETE FROM ${table} WHERE document IS NULL AND position <= ?`).run(oldCheckpoint);
      });
    },
    setColumns(columns) {
      fields = [...columns.keys()];
      const names = ['key', 'position', 'document', ...columns.values()];
      const replaced = names.slice(1).map((name) => `${name} = excluded.${name}`);
      upsertSql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})
        ON CONFLICT (key) DO UPDATE SET ${replaced.join(', ')} WHERE excluded.position > position`;
    },
    retire() {
      retired = true;
      statements.clear();
    },
  };
}

function toStored(row: Record<string, unknown>): StoredDocument {
  return { key: row['key'] as string, position: row['position'] as number, document: JSON.parse(row['document'] as string) as JsonObject };
}
