import { join } from 'node:path';
import { TOPIC_VIEWS } from '@tutti/contracts';

/** Topics whose positions are positions of the log. */
export const LOG_TOPICS: readonly string[] = TOPIC_VIEWS.map(({ topic }) => topic);

/** What a data folder holds. */
export function dataFiles(dataDir: string) {
  return {
    events: join(dataDir, 'events.db'),
    bus: join(dataDir, 'bus.db'),
    readModels: join(dataDir, 'read-models.db'),
    blobs: join(dataDir, 'blobs'),
  };
}
