import { openFolderBlobs } from '@tutti/blobs/embedded';
import type { TopicView } from '@tutti/event-bus';
import { openEmbeddedEventBus, type EmbeddedEventBus } from '@tutti/event-bus/embedded';
import { openEmbeddedEventStore, type DataFolderLock, type EmbeddedEventStore } from '@tutti/event-store/embedded';
import type { Runtime } from '@tutti/kernel';
import type { ReadModels } from '@tutti/read-models';
import { openEmbeddedReadModels } from '@tutti/read-models/embedded';
import type { StoreHostLogger, StorePorts } from '../store-ports.js';
import { folderFiles } from './folder-files.js';
import { inspectFolder } from './folder-inspection.js';

interface FolderPorts<Side extends ReadSide> extends StorePorts {
  readonly eventStore: EmbeddedEventStore;
  readonly eventBus: EmbeddedEventBus;
  /** As it was opened. */
  readonly readSide: Side;
  /** In the order that nothing is pulled from under anything; the lock goes last. */
  readonly close: () => Promise<void>;
}

/** What a folder's log is made of, whoever opens it. */
export interface FolderLayout {
  /** Every topic that is made from the log. */
  readonly views: readonly TopicView[];
  /** See `EmbeddedEventStoreOptions`. */
  readonly frequentCategories?: readonly string[];
}

interface LogFiles {
  readonly eventsFile: string;
  readonly readModelsFile: string;
}

/** The read models, and who folds them, if that is in this process. */
interface ReadSide {
  readonly readModels: ReadModels;
  readonly close: () => Promise<void>;
}

interface FolderPortsOptions<Side extends ReadSide> extends FolderLayout {
  /** Goes with the ports, also when they cannot be opened. */
  readonly lock: DataFolderLock;
  /** Appends are refused while the volume has less. */
  readonly minFreeBytes: number;
  readonly runtime: Runtime;
  readonly logger: StoreHostLogger;
  readonly openReadSide: (files: LogFiles, store: EmbeddedEventStore, runtime: Runtime) => Promise<Side>;
}

/**
 * The four ports on the files of a folder that this process holds.
 *
 * @throws TuttiError DATA_DAMAGED, STORE_UNAVAILABLE
 */
export async function openFolderPorts<Side extends ReadSide>(options: FolderPortsOptions<Side>): Promise<FolderPorts<Side>> {
  const { lock, minFreeBytes, runtime, logger, views, frequentCategories = [] } = options;
  const files = folderFiles(lock.folder);
  const opened: (() => Promise<void>)[] = [async () => lock.release()];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const closeOne of opened.splice(0).reverse()) await closeOne().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    inspectFolder(lock.folder, views, logger);
    const eventStore = await openEmbeddedEventStore({
      ...{ file: files.events, runtime, minFreeBytes, frequentCategories },
      writerThread: true,
    });
    opened.push(() => eventStore.close());
    const readSide = await options.openReadSide({ eventsFile: files.events, readModelsFile: files.readModels }, eventStore, runtime);
    opened.push(() => readSide.close());
    const blobs = await openFolderBlobs({ folder: files.blobs, runtime });
    const onError = (error: unknown): void => logger.error('event bus', { err: error });
    const eventBus = await openEmbeddedEventBus({ file: files.bus, store: eventStore, views, runtime, onError });
    opened.push(() => eventBus.close());
    return { eventStore, eventBus, readModels: readSide.readModels, readSide, blobs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Read models that this process writes. */
export async function openWritableReadModels(
  { readModelsFile: file }: LogFiles,
  _: EmbeddedEventStore,
  runtime: Runtime,
): Promise<ReadSide> {
  const readModels = await openEmbeddedReadModels({ file, runtime });
  return { readModels, close: () => readModels.close() };
}
