import { join } from 'node:path';

/** What a data folder holds. */
export function folderFiles(dataDir: string) {
  return {
    events: join(dataDir, 'events.db'),
    bus: join(dataDir, 'bus.db'),
    readModels: join(dataDir, 'read-models.db'),
    blobs: join(dataDir, 'blobs'),
  };
}
