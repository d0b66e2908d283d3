import { Worker } from 'node:worker_threads';
import type { Committer } from '../committer.js';
import type { FromWriter, ToWriter, WriterThreadData } from './writer-messages.js';

// A thread takes no TypeScript: tests run the built one.
const THREAD_FILE = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/embedded/writer-thread/serve-writer.js' : './serve-writer.js',
  import.meta.url,
);

/** Nobody but tools should ever hold the file; they get this long to let it go before the store gives up. */
const LOCK_WAIT_MS = 10_000;

/** Commits in a thread of its own: inserting and syncing take no time from the calling one. */
export function createThreadedCommitter(file: string): Committer {
  const workerData: WriterThreadData = { file, lockWaitMs: LOCK_WAIT_MS };
  const worker = new Worker(THREAD_FILE, { workerData });
  const waiting: ((failure: unknown) => void)[] = [];
  const closed = Promise.withResolvers<undefined>();
  let failure: unknown = null;

  const tell = (message: ToWriter): void => worker.postMessage(message);
  const fail = (cause: unknown): void => {
    failure ??= cause;
    for (const settle of waiting.splice(0)) settle(failure);
  };
  worker.on('message', (message: FromWriter) => {
    if (message.type === 'committed') for (const settle of waiting.splice(0, message.batches)) settle(null);
    else if (message.type === 'failed') fail(Object.assign(new Error(message.message), { errcode: message.errcode }));
    else closed.resolve(undefined);
  });
  worker.on('error', fail);
  worker.on('exit', (code) => {
    fail(new Error(`the writer's thread ended (exit code ${code})`));
    closed.resolve(undefined);
  });

  return {
    begin: () => undefined,
    abandon: () => undefined,
    commit(rows, settle) {
      if (failure !== null) {
        settle(failure);
        return;
      }
      waiting.push(settle);
      tell({ type: 'rows', rows });
    },
    checkpoint: () => tell({ type: 'checkpoint' }),
    async close() {
      tell({ type: 'close' });
      await closed.promise;
      await worker.terminate();
    },
  };
}
