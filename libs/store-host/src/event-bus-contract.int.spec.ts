import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BusMessage, EventBus, TopicView } from '@tutti/event-bus';
import { openEmbeddedEventBus } from '@tutti/event-bus/embedded';
import { createInMemoryHarness, describeEventBusContract, type EventBusHarness } from '@tutti/event-bus/testing';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { JsonValue } from '@tutti/kernel';
import { mortalRuntime, SocketWorld } from './socket-harness.js';

describeEventBusContract('a bus in memory, of another process', async (): Promise<EventBusHarness> => {
  const world = new SocketWorld();
  const inner = await createInMemoryHarness();
  let life = await world.start({ eventBus: inner.bus });
  return {
    get bus() {
      return life.remote.eventBus;
    },
    topic: inner.topic,
    publish: (messages) => life.remote.eventBus.publish(inner.topic, messages),
    async elapse(ms) {
      await world.elapse(ms, () => life.remote.eventBus.members('none', 'none'));
      await inner.elapse(ms);
    },
    async reopen() {
      await life.remote.close();
      await life.host.close();
      await inner.reopen();
      life = await world.start({ eventBus: inner.bus });
    },
    async crash() {
      life.kill();
      await inner.crash();
      life = await world.start({ eventBus: inner.bus });
    },
    async close() {
      await inner.close();
      world.close();
    },
  };
});

const VIEW: TopicView = {
  topic: 'tutti.test.view',
  filter: { categories: ['messages'] },
  messages: ({ data }) => data['messages'] as unknown as readonly BusMessage[],
};
const PER_APPEND = 500;

/** The view is declared where the log is; this side appends, and names the topic. */
describeEventBusContract('the embedded bus with a view over the log, of another process', async (): Promise<EventBusHarness> => {
  const world = new SocketWorld();
  const eventStore = createInMemoryEventStore(world.runtime);
  let lives = 0;
  let file = join(world.folder, 'bus-0.db');
  const start = async () => {
    const mortal = mortalRuntime(world.runtime);
    const bus = await openEmbeddedEventBus({ file, store: eventStore, views: [VIEW], runtime: mortal.runtime });
    const life = await world.start({ eventStore, eventBus: bus });
    const kill = () => {
      mortal.end();
      life.kill();
    };
    return { ...life, bus, kill };
  };
  let life = await start();
  const append = async (messages: readonly BusMessage[]) => {
    for (let from = 0; from < messages.length; from += PER_APPEND) {
      const data = { messages: messages.slice(from, from + PER_APPEND) as unknown as JsonValue };
      const metadata = {
        correlationId: 'c',
        causationId: null,
        traceparent: null,
        actor: 'demo',
        tenant: 'default',
        subject: null,
        keyId: null,
      };
      const event = { id: world.runtime.ids.next(), type: 'MessagesPublished', schemaVersion: 1, data, metadata };
      await life.remote.eventStore.append('messages-1', [event], 'any');
    }
  };
  return {
    get bus(): EventBus {
      return life.remote.eventBus;
    },
    topic: VIEW.topic,
    publish: append,
    elapse: (ms) => world.elapse(ms, () => life.remote.eventStore.head()),
    async reopen() {
      await life.remote.close();
      await life.host.close();
      await life.bus.close();
      life = await start();
    },
    async crash() {
      life.kill();
      const next = join(world.folder, `bus-${++lives}.db`);
      for (const suffix of ['', '-wal']) if (existsSync(file + suffix)) copyFileSync(file + suffix, next + suffix);
      file = next;
      life = await start();
    },
    close: async () => {
      life.kill();
      world.close();
    },
  };
});
