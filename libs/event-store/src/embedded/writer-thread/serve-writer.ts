import { DatabaseSync } from 'node:sqlite';
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import { createRowWriter, EVENT_COLUMN_COUNT, type RowBatch } from '../row-batch.js';
import { applyWriterPragmas } from '../schema.js';
import type { FromWriter, ToWriter, WriterThreadData } from './writer-messages.js';

/** Far less than a heap; what waits in the port is bounded by the store's own queue. */
const MAX_EVENTS_IN_A_COMMIT = 20_000;

if (parentPort !== null) serve(parentPort, workerData as WriterThreadData);

/** Batches that wait when a commit begins share it. After a failed one nothing is written any more. */
function serve(port: MessagePort, { file, lockWaitMs }: WriterThreadData): void {
  const database = new DatabaseSync(file, { timeout: lockWaitMs });
  applyWriterPragmas(database);
  const write = createRowWriter(database);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const send = (message: FromWriter): void => port.postMessage(message);
  let failed = false;

  const commitAll = (batches: readonly RowBatch[]): void => {
    if (batches.length === 0 || failed) return;
    try {
      begin.run();
      for (const rows of batches) write(rows);
      commit.run();
    } catch (error) {
      failed = true;
      if (database.isTransaction) database.exec('ROLLBACK');
      const { message, errcode } = error as { readonly message?: string; readonly errcode?: number };
      send({ type: 'failed', message: message ?? String(error), errcode: errcode ?? null });
      return;
    }
    send({ type: 'committed', batches: batches.length });
  };
  const heed = (message: Exclude<ToWriter, { type: 'rows' }>): void => {
    if (message.type === 'checkpoint') {
      checkpoint(database);
      return;
    }
    database.close();
    send({ type: 'closed' });
    port.close();
  };
  port.on('message', (first: ToWriter) => {
    let batches: RowBatch[] = [];
    let events = 0;
    for (let next: ToWriter | undefined = first; next !== undefined;) {
      if (next.type === 'rows') {
        batches.push(next.rows);
        events += next.rows.events.length / EVENT_COLUMN_COUNT;
      }
      if (next.type !== 'rows' || events >= MAX_EVENTS_IN_A_COMMIT) {
        commitAll(batches);
        batches = [];
        events = 0;
      }
      if (next.type !== 'rows') heed(next);
      next = next.type === 'close' ? undefined : (receiveMessageOnPort(port)?.message as ToWriter | undefined);
    }
    commitAll(batches);
  });
}

function checkpoint(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  } catch {
    // Nothing is lost: all of it is still in the log, and if the disk is failing the next commit says so.
  }
}
