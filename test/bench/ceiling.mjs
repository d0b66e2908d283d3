import { DatabaseSync } from 'node:sqlite';

/** As the store's, so that the file is moved into as seldom. */
const AUTOCHECKPOINT_PAGES = 4_096;
const LONGEST_RECORD = 600_000;

/**
 * Tutti with all of Tutti taken away: each record is inserted into one table, durable before the append is answered; all that waits in a turn of the loop shares a
 * transaction. No index but the key, no hash, no check, nobody reads.
 */
export function openCeiling(file) {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES};
    CREATE TABLE record (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, data TEXT NOT NULL) STRICT`);
  const insert = database.prepare('INSERT INTO record (stream, data) VALUES (?, ?)');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const text = 'x'.repeat(LONGEST_RECORD);
  let waiting = [];

  const commitAll = () => {
    const batch = waiting;
    waiting = [];
    begin.run();
    for (const { stream, sizes } of batch) for (const size of sizes) insert.run(stream, text.slice(0, size));
    commit.run();
    for (const { resolve } of batch) resolve();
  };
  const append = (stream, sizes) =>
    new Promise((resolve) => {
      waiting.push({ stream, sizes, resolve });
      if (waiting.length === 1) setImmediate(commitAll);
    });
  /** A run's appends, each only after the commit of the one before. */
  const replay = async ({ stream, appends }) => {
    for (const sizes of appends) await append(stream, sizes);
  };
  return {
    replay,
    /** All runs, always so many at once; milliseconds. */
    async carry(plans, inFlight) {
      const queue = plans.values();
      const lane = async () => {
        for (const plan of queue) await replay(plan);
      };
      const start = performance.now();
      await Promise.all(Array.from({ length: inFlight }, lane));
      return performance.now() - start;
    },
    close: () => database.close(),
  };
}
