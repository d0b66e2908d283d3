import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { createInMemoryEventStore, describeEventStoreContract, InMemoryLog, type EventStoreHarness } from '@tutti/event-store/testing';
import { SocketWorld, type SocketLife } from './socket-harness.js';

/** Reopened, the process is another one, connected to the same host. */
describeEventStoreContract('a store in memory, of another process', async (): Promise<EventStoreHarness> => {
  const world = new SocketWorld();
  let log = new InMemoryLog();
  const start = () => world.start({ eventStore: createInMemoryEventStore(world.runtime, log) });
  let life = await start();
  return {
    store: life.remote.eventStore,
    async reopen() {
      await life.remote.close();
      life = await start();
      return life.remote.eventStore;
    },
    async crash() {
      life.kill();
      log = log.copy();
      life = await start();
      return life.remote.eventStore;
    },
    close: async () => world.close(),
  };
});

/** Reopened, both processes and the file are. */
describeEventStoreContract('the embedded store, of another process', async (): Promise<EventStoreHarness> => {
  const world = new SocketWorld();
  const stores: { close(): Promise<void> }[] = [];
  let folder = join(world.folder, 'events-0');
  const start = async (): Promise<SocketLife> => {
    const eventStore = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime: world.runtime });
    stores.push(eventStore);
    return world.start({ eventStore });
  };
  let life = await start();
  return {
    store: life.remote.eventStore,
    async reopen() {
      await life.remote.close();
      await life.host.close();
      await stores.at(-1)?.close();
      life = await start();
      return life.remote.eventStore;
    },
    async crash() {
      life.kill();
      const copy = join(world.folder, `events-${stores.length}`);
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith('-shm') });
      folder = copy;
      life = await start();
      return life.remote.eventStore;
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()));
      world.close();
    },
  };
});
