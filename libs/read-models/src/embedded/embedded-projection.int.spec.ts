import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime } from '@tutti/kernel/testing';
import { append, carts } from '../projection/projection-fixture.js';
import { startProjection } from '../projection/projection-runner.js';
import { rebuildAndCompare } from '../projection/rebuild-and-compare.js';
import { openEmbeddedReadModels } from './embedded-read-models.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-read-models-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('a projection on the embedded read models', () => {
  it('folds every event once over restarts, abrupt ones included, so that a rebuild finds no difference', async () => {
    const runtime = createManualRuntime();
    const store = createInMemoryEventStore(runtime);
    const file = join(folder, 'read-models.db');
    for (let life = 0; life < 6; life++) {
      for (let n = 0; n < 40; n++)
        await append(store, runtime, `cart-${(n * 7) % 11}`, n % 13 === 12 ? 'CartDropped' : 'ItemAdded', `${life}.${n}`);
      const readModels = await openEmbeddedReadModels({ file, runtime });
      const running = await startProjection({ projection: carts, store, readModels, runtime, maxBatch: 7, cachedDocuments: 3 });
      await running.waitFor(life * 40 + 20, 1_000);
      const abrupt = life % 2 === 0;
      if (!abrupt) await running.caughtUp;
      // Closed under the projection, as a crash would be: it has no say in what is stored.
      await readModels.close();
      await running.close();
    }
    const readModels = await openEmbeddedReadModels({ file, runtime });
    const running = await startProjection({ projection: carts, store, readModels, runtime });
    await running.caughtUp;
    expect(running.position()).toBe(239);
    expect((await running.model.find({ sort: [['count', 'desc']], limit: 1 }))[0]?.document.count).toBeGreaterThan(5);
    expect(await rebuildAndCompare({ projection: carts, store, readModels, runtime })).toEqual([]);
    await running.close();
    await readModels.close();
  });
});
