import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { INLINE_LIMIT_BYTES, type Blobs } from '@tutti/blobs';
import { openFolderBlobs } from '@tutti/blobs/embedded';
import { FREQUENT_CATEGORIES, TOPIC_VIEWS } from '@tutti/contracts';
import { openEmbeddedEventBus, type EmbeddedEventBus } from '@tutti/event-bus/embedded';
import { lockDataFolder, openEmbeddedEventStore, type EmbeddedEventStore } from '@tutti/event-store/embedded';
import type { Runtime } from '@tutti/kernel';
import { openEmbeddedReadModels, startProjectionThread, type EmbeddedReadModels, type ProjectionThread } from '@tutti/read-models/embedded';
import { createValueStore, type Logger, type ValueStore } from '@tutti/service-kit';
import type { ProjectionThreadData } from './projection-thread.js';

export interface Ports {
  readonly store: EmbeddedEventStore;
  readonly bus: EmbeddedEventBus;
  /** For reading; the projections' thread writes. */
  readonly readModels: EmbeddedReadModels;
  readonly projections: ProjectionThread;
  readonly blobs: Blobs;
  readonly values: ValueStore;
  /** In the order that nothing is pulled from under anything. */
  close(): Promise<void>;
}

// A thread takes no TypeScript: tests run the built one.
const THREAD_FILE = new URL(import.meta.url.endsWith('.ts') ? '../dist/projection-thread.js' : './projection-thread.js', import.meta.url);

interface PortsOptions {
  readonly dataDir: string;
  readonly minFreeBytes: number;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/**
 * The four ports on files in one folder, which this process holds alone from here on.
 *
 * @throws TuttiError STORE_LOCKED, DATA_DAMAGED, STORE_UNAVAILABLE
 */
export async function openPorts({ dataDir, minFreeBytes, runtime, logger }: PortsOptions): Promise<Ports> {
  const lock = lockDataFolder(dataDir);
  const opened: (() => Promise<void>)[] = [async () => lock.release()];
  const close = async (): Promise<void> => {
    for (const closeOne of opened.splice(0).reverse()) await closeOne();
  };
  try {
    const file = join(dataDir, 'events.db');
    const store = await openEmbeddedEventStore({ file, runtime, minFreeBytes, writerThread: true, frequentCategories: FREQUENT_CATEGORIES });
    opened.push(() => store.close());
    const { readModels, projections } = await openReadSide(dataDir, store, runtime, logger);
    opened.push(() => readModels.close());
    opened.push(() => projections.close());
    const blobs = await openFolderBlobs({ folder: join(dataDir, 'blobs'), runtime });
    const bus = await openEmbeddedEventBus({
      file: join(dataDir, 'bus.db'),
      store,
      views: TOPIC_VIEWS,
      runtime,
      onError: (error) => logger.error('event bus', { err: error }),
    });
    opened.push(() => bus.close());
    return { store, bus, readModels, projections, blobs, values: createValueStore({ blobs, inlineLimitBytes: INLINE_LIMIT_BYTES }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openReadSide(
  dataDir: string,
  store: EmbeddedEventStore,
  runtime: Runtime,
  logger: Logger,
): Promise<{ readonly readModels: EmbeddedReadModels; readonly projections: ProjectionThread }> {
  const file = join(dataDir, 'read-models.db');
  // Makes the file, or says what is wrong with it.
  await (await openEmbeddedReadModels({ file, runtime })).close();
  const readModels = await openEmbeddedReadModels({ file, runtime, readOnly: true });
  const workerData: ProjectionThreadData = { eventsFile: join(dataDir, 'events.db'), readModelsFile: file };
  const worker = new Worker(THREAD_FILE, { workerData });
  return {
    readModels,
    projections: await startProjectionThread({ worker, store, openReadModels: async () => readModels, runtime, logger }),
  };
}
