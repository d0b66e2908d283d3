import { Worker } from 'node:worker_threads';
import { INLINE_LIMIT_BYTES, type Blobs } from '@tutti/blobs';
import { FREQUENT_CATEGORIES, TOPIC_VIEWS } from '@tutti/contracts';
import type { EmbeddedEventBus } from '@tutti/event-bus/embedded';
import { lockDataFolder, type EmbeddedEventStore } from '@tutti/event-store/embedded';
import type { Runtime } from '@tutti/kernel';
import { openEmbeddedReadModels, startProjectionThread, type EmbeddedReadModels, type ProjectionThread } from '@tutti/read-models/embedded';
import { createValueStore, type Logger, type ValueStore } from '@tutti/service-kit';
import { openFolderPorts } from '@tutti/store-host/embedded';
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
  /** Whether other processes may be served from this one. */
  readonly shared: boolean;
  readonly minFreeBytes: number;
  readonly runtime: Runtime;
  readonly logger: Logger;
}

/**
 * The four ports on files in one folder, which this process holds alone from here on.
 *
 * @throws TuttiError STORE_LOCKED, DATA_DAMAGED, STORE_UNAVAILABLE
 */
export async function openPorts({ dataDir, shared, minFreeBytes, runtime, logger }: PortsOptions): Promise<Ports> {
  const { eventStore, eventBus, readSide, blobs, close } = await openFolderPorts({
    ...{ lock: lockDataFolder(dataDir, { shared }), minFreeBytes, runtime, logger },
    ...{ views: TOPIC_VIEWS, frequentCategories: FREQUENT_CATEGORIES },
    openReadSide: (files, store) => openReadSide(files, store, runtime, logger),
  });
  const { readModels, projections } = readSide;
  const values = createValueStore({ blobs, inlineLimitBytes: INLINE_LIMIT_BYTES });
  return { store: eventStore, bus: eventBus, readModels, projections, blobs, values, close };
}

async function openReadSide(
  { eventsFile, readModelsFile: file }: ProjectionThreadData,
  store: EmbeddedEventStore,
  runtime: Runtime,
  logger: Logger,
): Promise<{ readonly readModels: EmbeddedReadModels; readonly projections: ProjectionThread; close(): Promise<void> }> {
  // Makes the file, or says what is wrong with it.
  await (await openEmbeddedReadModels({ file, runtime })).close();
  const readModels = await openEmbeddedReadModels({ file, runtime, readOnly: true });
  const workerData: ProjectionThreadData = { eventsFile, readModelsFile: file };
  const worker = new Worker(THREAD_FILE, { workerData });
  const projections = await startProjectionThread({ worker, store, openReadModels: async () => readModels, runtime, logger });
  const close = async (): Promise<void> => {
    await projections.close();
    await readModels.close();
  };
  return { readModels, projections, close };
}
