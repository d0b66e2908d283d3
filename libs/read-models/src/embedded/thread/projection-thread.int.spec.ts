import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEmbeddedEventStore, type EmbeddedEventStore } from '@tutti/event-store/embedded';
import type { JsonObject } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { append, carts } from '../../projection/projection-fixture.js';
import type { Projection } from '../../projection/projection.js';
import { openEmbeddedReadModels, type EmbeddedReadModels } from '../embedded-read-models.js';
import { startProjectionThread, type ProjectionThread } from './projection-thread.js';
import { serveProjections } from './serve-projections.js';

const runtime = createManualRuntime();
const poison: Projection<JsonObject> = {
  ...(carts as unknown as Projection<JsonObject>),
  name: 'poison',
  evolve: () => {
    throw new Error('cannot fold this');
  },
};
let folder: string;
let store: EmbeddedEventStore;
let readModels: EmbeddedReadModels;
let thread: ProjectionThread;

/** Both ends in one thread: the messages still are copies that come later. */
async function startThread(): Promise<void> {
  const readModelsFile = join(folder, 'read-models.db');
  await (await openEmbeddedReadModels({ file: readModelsFile, runtime })).close();
  readModels = await openEmbeddedReadModels({ file: readModelsFile, runtime, readOnly: true });
  const { port1, port2 } = new MessageChannel();
  const projections = [carts as unknown as Projection<JsonObject>, poison];
  await serveProjections(port2, { eventsFile: join(folder, 'events.db'), readModelsFile, projections, runtime });
  const worker = Object.assign(port1, { terminate: async () => (port1.close(), 0) }) as unknown as Worker;
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  thread = await startProjectionThread({ worker, store, openReadModels: async () => readModels, runtime, logger });
}

async function stopThread(): Promise<void> {
  await thread.close();
  await readModels.close();
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-projections-'));
  store = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

describe('a projection in a thread of its own', () => {
  it('folds what was there and what comes, new kinds of events too, and answers whoever waits for a position', async () => {
    await append(store, runtime, 'cart-1', 'ItemAdded', 'a');
    await startThread();
    const running = await thread.start(carts);
    await running.caughtUp;
    expect((await running.model.get('cart-1'))?.document).toMatchObject({ count: 1 });
    for (let n = 0; n < 20; n++) await append(store, runtime, `cart-${n % 3}`, n % 7 === 6 ? 'CartDropped' : 'ItemAdded', `${n}`);
    await running.waitFor(20, 5_000);
    expect(running.status()).toEqual({ state: 'following', position: 20 });
    expect(await running.lag()).toBe(0);
    expect((await running.model.find({ sort: [['count', 'desc']] })).length).toBe(3);
    await stopThread();
  });

  it('goes on at its checkpoint after a restart', async () => {
    for (let life = 0; life < 3; life++) {
      await startThread();
      await append(store, runtime, 'cart-1', 'ItemAdded', `${life}`);
      const running = await thread.start(carts);
      await running.waitFor(life, 5_000);
      expect((await running.model.get('cart-1'))?.document).toMatchObject({ count: life + 1 });
      await stopThread();
    }
  });

  it('says which event a projection stopped at, and refuses whoever waits', async () => {
    await append(store, runtime, 'cart-1', 'ItemAdded', 'a');
    await startThread();
    const running = await thread.start(poison);
    await expect(running.caughtUp).rejects.toMatchObject({ message: expect.stringContaining('position 0') });
    expect(running.status()).toMatchObject({ state: 'failed', failedAt: 0 });
    await expect(running.waitFor(0, 5_000)).rejects.toMatchObject({ code: 'INTERNAL' });
    await stopThread();
  });

  it('refuses a projection that the thread does not know', async () => {
    await startThread();
    await expect(thread.start({ ...carts, name: 'unknown' })).rejects.toMatchObject({ message: expect.stringContaining('unknown') });
    await stopThread();
  });

  it('refuses everything once its thread has ended', async () => {
    await startThread();
    const running = await thread.start(carts);
    await running.close();
    await expect(running.waitFor(9, 5_000)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await stopThread();
  });
});
