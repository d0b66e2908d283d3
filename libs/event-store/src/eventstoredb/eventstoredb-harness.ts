import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { openEmbeddedEventStore, type EmbeddedEventStore } from '../embedded/embedded-event-store.js';
import { listenAsEventStoreDb, type EventStoreDbListener } from '../eventstoredb-listener/eventstoredb-listener.js';
import type { CreateEventStoreHarness, EventStoreHarness } from '../testing/contract/contract-case.js';
import { openEventStoreDb, type EventStoreDbEventStore } from './eventstoredb-event-store.js';

/** Envelopes are larger on the wire than in the store's own rows. */
const ROOM_BYTES = 4 * 1024 * 1024;

interface Server {
  readonly store: EmbeddedEventStore;
  readonly listener: EventStoreDbListener;
}

/** The official client on the listener, with an embedded store behind it. */
export const eventStoreDbHarness: CreateEventStoreHarness = async (): Promise<EventStoreHarness> => {
  const root = mkdtempSync(join(tmpdir(), 'tutti-esdb-'));
  const runtime = createProcessRuntime();
  let folder = join(root, '0');
  const servers: Server[] = [];
  const clients: EventStoreDbEventStore[] = [];
  const serve = async (): Promise<Server> => {
    const store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime, maxAppendBytes: ROOM_BYTES });
    const server = { store, listener: await listenAsEventStoreDb({ store, runtime }) };
    servers.push(server);
    return server;
  };
  const connect = ({ listener }: Server): EventStoreDbEventStore => {
    const client = openEventStoreDb({ connectionString: listener.connectionString, runtime });
    clients.push(client);
    return client;
  };
  let server = await serve();
  return {
    store: connect(server),
    reopen: async () => {
      await clients.at(-1)?.close();
      return connect(server);
    },
    crash: async () => {
      const copy = join(root, String(servers.length));
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('-shm') });
      folder = copy;
      server = await serve();
      return connect(server);
    },
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
      for (const { listener, store } of servers) {
        await listener.close();
        await store.close();
      }
      rmSync(root, { recursive: true });
    },
  };
};
