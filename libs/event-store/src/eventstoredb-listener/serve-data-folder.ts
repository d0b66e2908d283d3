import { join } from 'node:path';
import { TuttiError, type Runtime } from '@tutti/kernel';
import { lockDataFolder } from '../embedded/data-folder-lock.js';
import { openEmbeddedEventStore } from '../embedded/embedded-event-store.js';
import { listenAsEventStoreDb, type EventStoreDbListenerOptions } from './eventstoredb-listener.js';

/** What one append may bring: an envelope is larger in the store's own rows than on the wire. */
const ROOM_BYTES = 4 * 1024 * 1024;

export interface ServeDataFolderOptions extends Omit<EventStoreDbListenerOptions, 'store' | 'runtime'> {
  /** Made when it is not there. Nobody else may have it open meanwhile. */
  readonly folder: string;
  readonly runtime: Runtime;
}

export interface ServedDataFolder {
  readonly connectionString: string;
  /** Ends the calls, commits what is queued, lets the folder go. */
  close(): Promise<void>;
}

/**
 * The embedded store of a data folder, by EventStoreDB's protocol and nothing else.
 *
 * @throws TuttiError STORE_LOCKED when another process has the folder, and as {@link listenAsEventStoreDb} and `openEmbeddedEventStore` do
 */
export async function serveDataFolder({ folder, ...options }: ServeDataFolderOptions): Promise<ServedDataFolder> {
  if (folder === '') throw new TuttiError('INVALID_CONFIG', 'no data folder is named');
  const lock = lockDataFolder(folder);
  try {
    const file = join(folder, 'events.db');
    const store = await openEmbeddedEventStore({ file, runtime: options.runtime, maxAppendBytes: ROOM_BYTES, writerThread: true });
    const listener = await listenAsEventStoreDb({ ...options, store }).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    return {
      connectionString: listener.connectionString,
      close: async () => {
        await listener.close();
        await store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
