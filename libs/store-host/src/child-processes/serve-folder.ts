import { join } from 'node:path';
import type { BusMessage } from '@tutti/event-bus';
import { openFolderBlobs } from '@tutti/blobs/embedded';
import { openEmbeddedEventBus } from '@tutti/event-bus/embedded';
import { lockDataFolder, openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { openEmbeddedReadModels } from '@tutti/read-models/embedded';
import { serveStoreHost } from '../host/store-host.js';
import { realRuntime } from '../real-runtime-harness.js';
import { storeSocketPath } from '../socket-path.js';

/** Each event of a `thing-` stream is a message, keyed by its stream. */
const view = {
  topic: 'tutti.test.things',
  filter: { categories: ['thing'] },
  messages: ({ id, stream, type, revision }: { id: string; stream: string; type: string; revision: number }): readonly BusMessage[] => [
    { id, type, key: stream, payload: { revision } },
  ],
};

/** Holds the data folder and serves it, until it is killed. */
const folder = process.argv[2] ?? '';
const runtime = realRuntime(process.pid);
lockDataFolder(folder);
const eventStore = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime });
const eventBus = await openEmbeddedEventBus({ file: join(folder, 'bus.db'), store: eventStore, views: [view], runtime });
const readModels = await openEmbeddedReadModels({ file: join(folder, 'read-models.db'), runtime });
const blobs = await openFolderBlobs({ folder: join(folder, 'blobs'), runtime });
const ports = { eventStore, eventBus, readModels, blobs };
const logger = { info: () => {}, warn: () => {}, error: (message: string) => void process.stderr.write(`${message}\n`) };
await serveStoreHost({ ports, socketPath: storeSocketPath(folder), runtime, logger });
process.stdout.write('serving\n');
