import { join } from 'node:path';
import { openFolderBlobs } from '@tutti/blobs/embedded';
import { openEmbeddedEventBus } from '@tutti/event-bus/embedded';
import { lockDataFolder, openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { openEmbeddedReadModels } from '@tutti/read-models/embedded';
import { serveStoreHost } from '../host/store-host.js';
import { realRuntime } from '../real-runtime-harness.js';
import { storeSocketPath } from '../socket-path.js';
import { THINGS } from './thing-view.js';

/** Holds the data folder and serves it, until it is killed. */
const folder = process.argv[2] ?? '';
const runtime = realRuntime(process.pid);
lockDataFolder(folder);
const eventStore = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime });
const eventBus = await openEmbeddedEventBus({ file: join(folder, 'bus.db'), store: eventStore, views: [THINGS], runtime });
const readModels = await openEmbeddedReadModels({ file: join(folder, 'read-models.db'), runtime });
const blobs = await openFolderBlobs({ folder: join(folder, 'blobs'), runtime });
const ports = { eventStore, eventBus, readModels, blobs };
const logger = { info: () => {}, warn: () => {}, error: (message: string) => void process.stderr.write(`${message}\n`) };
await serveStoreHost({ ports, socketPath: storeSocketPath(folder), runtime, logger });
process.stdout.write('serving\n');
