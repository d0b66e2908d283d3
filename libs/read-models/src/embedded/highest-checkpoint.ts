import { DatabaseSync } from 'node:sqlite';
import { translateSqliteErrors } from './sqlite-errors.js';

/** The farthest position that any projection in the file has seen, -1 without one. Changes nothing. @throws TuttiError DATA_DAMAGED */
export function highestCheckpoint(file: string): number {
  return translateSqliteErrors(file)(() => {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const known = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'collection'`).get();
      if (known === undefined) return -1;
      return Number(database.prepare('SELECT max(checkpoint) AS highest FROM collection').get()?.['highest'] ?? -1);
    } finally {
      database.close();
    }
  });
}
