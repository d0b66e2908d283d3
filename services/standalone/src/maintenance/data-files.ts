import { messagesTopicView } from '@tutti/agent-workers';
import { DEFAULT_POOL } from '@tutti/contracts';
import { taskTopicView } from '@tutti/coordinator';
import { join } from 'node:path';

/** Topics whose positions are positions of the log. */
export const LOG_TOPICS: readonly string[] = [taskTopicView(DEFAULT_POOL).topic, messagesTopicView.topic];

/** What a data folder holds. */
export function dataFiles(dataDir: string) {
  return {
    events: join(dataDir, 'events.db'),
    bus: join(dataDir, 'bus.db'),
    readModels: join(dataDir, 'read-models.db'),
    blobs: join(dataDir, 'blobs'),
  };
}
