import { TuttiError } from '@tutti/kernel';
import { DatabaseSync } from 'node:sqlite';

/** The farthest position that any group of these topics has behind it, -1 without one. Changes nothing. @throws TuttiError DATA_DAMAGED */
export function highestPosition(file: string, topics: readonly string[]): number {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true });
    const known = database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'consumers'`).get();
    if (known === undefined) return -1;
    const places = topics.map(() => '?').join(', ');
    const row = database.prepare(`SELECT max(position) AS highest FROM consumers WHERE topic IN (${places})`).get(...topics);
    return Number(row?.['highest'] ?? -1);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TuttiError('DATA_DAMAGED', `the event bus's file ${file} cannot be read (${reason}); restore it from a backup`, {
      details: { file },
      cause: error,
    });
  } finally {
    database?.close();
  }
}
