import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { Runtime } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createLiveReadModel } from '../live-read-model.js';
import { append, carts } from '../projection/projection-fixture.js';
import { startProjection } from '../projection/projection-runner.js';
import { rebuildAndCompare } from '../projection/rebuild-and-compare.js';
import { openMongoReadModels } from './mongo-read-models.js';
import { createMongoDatabase, type MongoDatabase } from './mongo-server-harness.js';
import { startMongoProxy, type MongoProxy } from '../testing/mongo-proxy.js';

const QUICK = { selectMs: 500, connectMs: 500, answerMs: 10_000, heartbeatMs: 500 };
/** Long enough for a busy server, short enough to notice a silent one. */
const SILENT_MS = 2_000;
const PATIENCE_MS = 120_000;

let database: MongoDatabase;
let proxy: MongoProxy;
beforeEach(async () => {
  database = createMongoDatabase();
  proxy = await startMongoProxy();
});
afterEach(async () => {
  await proxy.close();
  await database.drop();
});

/** Timers that pass by themselves: the driver's do as well. */
function createPassingRuntime(): Runtime {
  return {
    ...createManualRuntime(),
    timers: {
      after(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      soon: (callback) => void setImmediate(callback),
    },
  };
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    expect(tries).toBeLessThan(1_000);
    await wait(25);
  }
}

describe('a projection on MongoDB', () => {
  it.each(['cut', 'stall'] as const)(
    'goes on by itself after the server was away in the middle of its writes (%s), and has folded each event once',
    async (fault) => {
      const runtime = createPassingRuntime();
      const store = createInMemoryEventStore(runtime);
      const timeouts = { ...QUICK, ...(fault === 'stall' ? { answerMs: SILENT_MS } : {}) };
      const mongo = await database.connect({ url: proxy.url, timeouts });
      const readModels = await openMongoReadModels({ mongo, runtime });
      const logged: string[] = [];
      const logger = {
        info: () => undefined,
        warn: (message: string) => void logged.push(message),
        error: (message: string) => void logged.push(message),
      };
      const running = await startProjection({ projection: carts, store, readModels, runtime, logger, maxBatch: 10, cachedDocuments: 3 });
      let appended = 0;
      const appendSome = async (count: number) => {
        for (let n = 0; n < count; n++, appended++)
          await append(store, runtime, `cart-${(appended * 7) % 11}`, appended % 13 === 12 ? 'CartDropped' : 'ItemAdded', String(appended));
      };

      for (let outage = 0; outage < 2; outage++) {
        await appendSome(60);
        await wait(outage * 17);
        proxy[fault]();
        await appendSome(60);
        await until(() => running.status().state === 'retrying');
        await expect(running.model.find({})).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
        await wait(500);
        proxy.restore();
        await running.waitFor(appended - 1, 40_000);
        expect(running.status().state).toBe('following');
      }
      expect(new Set(logged)).toEqual(new Set(['projection waits for a port to recover']));
      await running.close();

      const direct = await openMongoReadModels({ mongo: await database.connect(), runtime });
      expect(await rebuildAndCompare({ projection: carts, store, readModels: direct, runtime })).toEqual([]);
    },
    PATIENCE_MS,
  );
});

describe('queries on MongoDB', () => {
  it('fail once, within their time, while the server is away, and are answered when it is back', async () => {
    const runtime = createPassingRuntime();
    const mongo = await database.connect({ url: proxy.url, timeouts: QUICK });
    const readModels = await openMongoReadModels({ mongo, runtime });
    const live = createLiveReadModel(readModels, carts);
    expect(await live.get('a')).toBeNull();
    proxy.cut();
    const before = performance.now();
    await expect(live.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(performance.now() - before).toBeLessThan(4_000);
    proxy.restore();
    await until(() => mongo.state().state === 'connected');
    expect(await live.get('a')).toBeNull();
  });
});
