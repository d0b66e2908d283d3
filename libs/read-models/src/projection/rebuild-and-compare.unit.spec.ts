import { describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createInMemoryReadModels } from '../in-memory/in-memory-read-models.js';
import { append, carts, cartEvent, type CartDocument } from './projection-fixture.js';
import { startProjection } from './projection-runner.js';
import { rebuildAndCompare } from './rebuild-and-compare.js';

async function given() {
  const runtime = createManualRuntime();
  const store = createInMemoryEventStore(runtime);
  const readModels = createInMemoryReadModels();
  for (let n = 0; n < 6; n++) await append(store, runtime, `cart-${n % 3}`, 'ItemAdded', `i${n}`);
  await append(store, runtime, 'cart-2', 'CartDropped');
  const running = await startProjection({ projection: carts, store, readModels, runtime });
  await running.caughtUp;
  return { runtime, store, readModels, running, compare: () => rebuildAndCompare({ projection: carts, store, readModels, runtime }) };
}

describe('rebuilding and comparing', () => {
  it('finds nothing in a read model that follows the store', async () => {
    const { compare, running } = await given();
    expect(await compare()).toEqual([]);
    await running.close();
  });

  it('names the documents that are changed, missing or too many', async () => {
    const { compare, running } = await given();
    await running.close();
    const tampered = { items: ['i0'], count: 1 } as CartDocument;
    await running.model.write(
      [
        { key: 'cart-0', document: tampered, position: 100 },
        { key: 'cart-1', document: null, position: 100 },
        { key: 'cart-2', document: tampered, position: 100 },
      ],
      await running.model.checkpoint(),
    );
    expect(await compare()).toEqual(['cart-0', 'cart-1', 'cart-2']);
  });

  it('compares at the position of the read model, not at the head of the store', async () => {
    const { compare, running, store, runtime } = await given();
    await running.close();
    await append(store, runtime, 'cart-0', 'ItemAdded', 'later');
    expect(await compare()).toEqual([]);
  });

  it('finds nothing while the projection goes on', async () => {
    const { compare, running, store, runtime } = await given();
    for (let n = 0; n < 1_000; n++) await store.append(`cart-${n}`, [cartEvent(runtime, 'ItemAdded', { item: 'x' })], 'any');
    const comparing = compare();
    for (let n = 0; n < 300; n++) await append(store, runtime, `cart-${n * 7}`, n % 5 === 0 ? 'CartDropped' : 'ItemAdded', 'y');
    expect(await comparing).toEqual([]);
    await running.close();
  });
});
