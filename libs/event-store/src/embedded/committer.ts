import type { DatabaseSync } from 'node:sqlite';
import { createRowWriter, type RowBatch } from './row-batch.js';
import { toStoreError } from './sqlite-errors.js';

/** Makes batches of rows durable, in the order they are given. */
export interface Committer {
  /** Before rows are made ready. @throws TuttiError when nothing can be written just now; nothing has been then */
  begin(): void;
  /** `settle` is called once for each batch, in order, with why it failed or null. After a failure every later batch fails. */
  commit(rows: RowBatch, settle: (failure: unknown) => void): void;
  /** Gives up what {@link begin} began. */
  abandon(): void;
  /** Copies the write-ahead log into the file, as far as readers let it. */
  checkpoint(): void;
  /** All that was given is settled then. */
  close(): Promise<void>;
}

/** Commits in the calling thread, before `commit` returns. */
export function createInlineCommitter(file: string, database: DatabaseSync): Committer {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const write = createRowWriter(database);
  const abandon = (): void => {
    try {
      if (database.isTransaction) database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, or will when the file is opened again.
    }
  };
  return {
    abandon,
    begin() {
      try {
        begin.run();
      } catch (error) {
        throw toStoreError(file, error);
      }
    },
    commit(rows, settle) {
      try {
        write(rows);
        commit.run();
      } catch (error) {
        abandon();
        settle(error);
        return;
      }
      settle(null);
    },
    checkpoint: () => database.exec('PRAGMA wal_checkpoint(PASSIVE)'),
    close: async () => undefined,
  };
}
