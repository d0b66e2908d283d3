import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BusMessage, Delivery } from '@tutti/event-bus';
import { createInMemoryEventBus, type InMemoryEventBus } from '@tutti/event-bus/testing';
import { createInMemoryEventStore, type InMemoryEventStore } from '@tutti/event-store/testing';
import type { NewEvent } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { startProxy, type BreakableProxy } from './breakable-proxy-harness.js';
import { connectStoreHost, type RemotePorts, type StoreHostClient } from './client/store-host-client.js';
import { StoreHost } from './host/store-host.js';
import { realRuntime } from './real-runtime-harness.js';
import { SILENT } from './socket-harness.js';
import type { StorePorts } from './store-ports.js';

const runtime = realRuntime(7);
const REJOIN_MS = 150;
const TOPIC = 'tutti.test';

const metadata = { correlationId: 'c', causationId: null, traceparent: null, actor: 'demo', tenant: 'default', subject: null, keyId: null };
const someEvent = (): NewEvent => ({ id: runtime.ids.next(), type: 'ThingHappened', schemaVersion: 1, data: {}, metadata });
const message = (id: string): BusMessage => ({ id, type: 'tutti.test.happened.v1', key: id, payload: null });

describe('a connection to the store host that breaks', () => {
  let folder: string;
  let eventStore: InMemoryEventStore;
  let eventBus: InMemoryEventBus;
  let host: StoreHost;
  let proxy: BreakableProxy;
  let remote: StoreHostClient;
  const clients: StoreHostClient[] = [];
  const connectTo = (socketPath: string) => {
    const client = connectStoreHost({ socketPath, runtime, logger: SILENT });
    clients.push(client);
    return client;
  };

  const kill = (client: StoreHostClient) => {
    clients.splice(clients.indexOf(client), 1);
    (client as RemotePorts).destroy();
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-broken-'));
    eventStore = createInMemoryEventStore(runtime);
    eventBus = createInMemoryEventBus(runtime);
    const ports = { eventStore, eventBus, readModels: createInMemoryReadModels() } as unknown as StorePorts;
    const socketPath = join(folder, 'host.sock');
    host = new StoreHost({ ports, socketPath, runtime, logger: SILENT, limits: { rejoinMs: REJOIN_MS } });
    await host.listen();
    proxy = await startProxy(join(folder, 'proxy.sock'), socketPath);
    remote = connectTo(proxy.socketPath);
    await remote.connected();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await proxy.close();
    await host.close();
    rmSync(folder, { recursive: true });
  });

  it('gives a subscriber every event once and in order, however often it breaks', async () => {
    const seen: number[] = [];
    remote.eventStore.subscribe({
      after: -1,
      maxBatch: 7,
      onBatch: async (events) => {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(...events.map(({ position }) => position));
      },
    });
    for (let round = 0; round < 100; round++) {
      await eventStore.append('thing-1', Array.from({ length: 20 }, someEvent), 'any');
      if (round % 5 === 0) proxy.breakAll();
      await new Promise((resolve) => setTimeout(resolve, round % 7));
    }
    await until(() => seen.length >= 2_000);
    expect(seen).toEqual(Array.from({ length: 2_000 }, (_, position) => position));
  });

  it('makes one append of one that is sent again, and answers it as though nothing had happened', async () => {
    const answers = [];
    for (let round = 0; round < 30; round++) {
      const appending = Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          remote.eventStore.append(`thing-${index}`, [someEvent()], round - 1 < 0 ? 'no-stream' : round - 1),
        ),
      );
      for (let turn = 0; turn < round % 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      proxy.breakAll();
      answers.push(...(await appending));
    }
    expect(answers.map(({ position }) => position).sort((a, b) => a - b)).toEqual(Array.from({ length: 600 }, (_, position) => position));
  });

  it('goes on with a read behind what it gave, either way and up to its limit, and answers what was asked', async () => {
    for (let part = 0; part < 5; part++) await eventStore.append('thing-1', Array.from({ length: 1_000 }, someEvent), 'any');
    const up = Array.from({ length: 5_000 }, (_, place) => place);
    const reads = [
      { events: remote.eventStore.readAll(), places: up },
      { events: remote.eventStore.readAll({ direction: 'backwards' }), places: [...up].reverse() },
      { events: remote.eventStore.readStream('thing-1', { from: 10, limit: 3_000 }), places: up.slice(10, 3_010) },
      {
        events: remote.eventStore.readStream('thing-1', { direction: 'backwards', limit: 4_000 }),
        places: [...up].reverse().slice(0, 4_000),
      },
    ];
    for (const { events, places } of reads) {
      const seen: number[] = [];
      for await (const { position } of events) {
        seen.push(position);
        if (seen.length % 900 === 1) proxy.breakAll();
      }
      expect(seen).toEqual(places);
    }
    const head = remote.eventStore.head();
    proxy.breakAll();
    await expect(head).resolves.toBe(4_999);
  });

  it('fails what is under way and must not be done twice with STORE_UNAVAILABLE, retryable', async () => {
    const published = remote.eventBus.publish(TOPIC, [message('a')]);
    proxy.breakAll();
    await expect(published).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await expect(remote.eventBus.publish(TOPIC, [message('b')])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await remote.connected();
    await remote.eventBus.publish(TOPIC, [message('c')]);
  });

  it('asks again for documents, and writes a step of a projection once', async () => {
    const model = await remote.readModels.open<{ count: number }>({ name: 'counts', version: 1, indexes: [['count']] });
    for (let step = 0; step < 30; step++) {
      const writing = model.write([{ key: `key-${step}`, document: { count: step }, position: step }], step);
      if (step % 3 === 0) proxy.breakAll();
      await writing;
      const asking = Promise.all([model.get(`key-${step}`), model.find({ sort: [['count', 'desc']], limit: 1 }), model.checkpoint()]);
      if (step % 3 === 1) proxy.breakAll();
      expect(await asking).toMatchObject([{ position: step }, [{ key: `key-${step}` }], step]);
    }
    expect(await model.getMany(Array.from({ length: 40 }, (_, step) => `key-${step}`))).toHaveLength(30);
  });

  it('repeats no message to a member that was handling it, and loses none', async () => {
    const deliveries: Delivery[] = [];
    const held = Promise.withResolvers<void>();
    const handle = async (delivery: Delivery) => {
      deliveries.push(delivery);
      if (delivery.id === 'a') await held.promise;
    };
    await remote.eventBus.subscribe({ topic: TOPIC, group: 'g', member: 'anna', maxDeliveries: 1, handle });
    await eventBus.publish(TOPIC, [message('a')]);
    await until(() => deliveries.length === 1);
    proxy.breakAll();
    await eventBus.publish(TOPIC, [message('b')]);
    await until(() => deliveries.length === 2);
    proxy.breakAll();
    held.resolve();
    await until(() => remote.status.status === 'connected');
    await eventBus.publish(TOPIC, [message('c')]);
    await until(() => deliveries.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 2 * REJOIN_MS));
    expect(deliveries.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(await eventBus.deadLetters.list()).toEqual([]);
  });

  it('gives to others what a member had in hand that does not come back', async () => {
    const lost: Delivery[] = [];
    const found: Delivery[] = [];
    const other = connectTo(join(folder, 'host.sock'));
    const subscribe = (client: StoreHostClient, member: string, into: Delivery[], outcome: Promise<void>) =>
      client.eventBus.subscribe({
        topic: TOPIC,
        group: 'g',
        member,
        retryDelayMs: 1,
        handle: (delivery) => {
          into.push(delivery);
          return outcome;
        },
      });
    await subscribe(remote, 'anna', lost, new Promise<void>(() => {}));
    await eventBus.publish(TOPIC, [message('a')]);
    await until(() => lost.length === 1);
    await subscribe(other, 'ben', found, Promise.resolve());
    await proxy.close();
    await until(() => found.length === 1);
    expect(await eventBus.members(TOPIC, 'g')).toEqual(['ben']);
    kill(remote);
    proxy = await startProxy(join(folder, 'proxy-2.sock'), join(folder, 'host.sock'));
  });

  it('ends a subscription that waits for a host when it is closed, and what waits for an answer', async () => {
    const nobody = connectTo(join(folder, 'nobody.sock'));
    const subscribed = nobody.eventBus.subscribe({ topic: TOPIC, group: 'g', member: 'anna', handle: async () => {} });
    const following = nobody.eventStore.subscribe({ after: -1, onBatch: () => {} });
    const appended = nobody.eventStore.append('thing-1', [someEvent()], 'any');
    const refusals = [
      expect(subscribed).rejects.toMatchObject({ code: 'SHUTTING_DOWN' }),
      ...[
        appended,
        nobody.eventStore.head(),
        nobody.readModels.liveVersion('things'),
        nobody.readModels.open({ name: 'things', version: 1, indexes: [] }),
        nobody.eventStore.readAll()[Symbol.asyncIterator]().next(),
      ].map((asked) => expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })),
    ];
    await nobody.close();
    await Promise.all([...refusals, following.ended]);
  });

  it('gives up what was only asked after 10 s without a host, what is to be stored after 30 s', async () => {
    const manual = createManualRuntime();
    const nobody = connectStoreHost({ socketPath: join(folder, 'nobody.sock'), runtime: manual, logger: SILENT });
    clients.push(nobody);
    const ended: string[] = [];
    const note = (what: string, asked: Promise<unknown>) => void asked.catch(() => ended.push(what));
    note('head', nobody.eventStore.head());
    note('read', nobody.eventStore.readAll()[Symbol.asyncIterator]().next());
    note('model', nobody.readModels.open({ name: 'things', version: 1, indexes: [] }));
    note('append', nobody.eventStore.append('thing-1', [someEvent()], 'any'));
    await manual.advance(9_999);
    expect(ended).toEqual([]);
    await manual.advance(1);
    expect([...ended].sort()).toEqual(['head', 'model', 'read']);
    await manual.advance(20_000);
    expect(ended.at(-1)).toBe('append');
  });

  it('makes room at once for a process that was started again under the same name', async () => {
    const seen: string[] = [];
    const options = (who: string) => ({
      topic: TOPIC,
      group: 'g',
      member: 'anna',
      retryDelayMs: 1,
      handle: async ({ id }: Delivery) => void seen.push(`${who} ${id}`),
    });
    await remote.eventBus.subscribe(options('before'));
    kill(remote);
    const again = connectTo(join(folder, 'host.sock'));
    await again.connected();
    await again.eventBus.subscribe(options('after'));
    await eventBus.publish(TOPIC, [message('a')]);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['after a']);
  });

  it('opens a read model again, but never one that was dropped meanwhile', async () => {
    const first = { name: 'things', version: 1, indexes: [] };
    const second = { ...first, version: 2 };
    const models = [await remote.readModels.open(first), await remote.readModels.open(second)];
    for (const model of models) await model.write([{ key: 'a', document: { some: 'thing' }, position: 1 }], 1);
    proxy.breakAll();
    await until(() => remote.status.status === 'connecting');
    await until(() => remote.status.status === 'connected');
    expect(await models[0]?.get('a')).toMatchObject({ document: { some: 'thing' } });
    await remote.readModels.promote('things', 2);
    proxy.breakAll();
    await until(() => remote.status.status === 'connecting');
    await until(() => remote.status.status === 'connected');
    await expect(models[0]?.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await models[1]?.get('a')).toMatchObject({ document: { some: 'thing' } });
  });

  it('tells whoever listens, each time that it breaks and stands again', async () => {
    const told: string[] = [];
    const stop = remote.onStatus(({ status }) => told.push(status));
    proxy.breakAll();
    await until(() => told.at(-1) === 'connected');
    stop();
    await remote.close();
    expect([...new Set(told)]).toEqual(['connecting', 'connected']);
    expect(remote.status.status).toBe('closed');
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 2) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error('did not come to pass within 10 s');
}
