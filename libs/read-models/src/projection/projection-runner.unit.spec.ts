import { describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createInMemoryReadModels } from '../in-memory/in-memory-read-models.js';
import { append, carts, cartEvent, watchReadModels } from './projection-fixture.js';
import { startProjection, type StartProjectionOptions } from './projection-runner.js';

type Options = Partial<StartProjectionOptions<Parameters<typeof carts.evolve>[0] & object>>;

function given() {
  const runtime = createManualRuntime();
  const store = createInMemoryEventStore(runtime);
  const readModels = watchReadModels(createInMemoryReadModels());
  return {
    runtime,
    store,
    readModels,
    append: (stream: string, type: string, item?: string) => append(store, runtime, stream, type, item),
    start: (options: Options = {}) => startProjection({ projection: carts, store, readModels, runtime, ...options }),
    writes: () => readModels.calls.filter(({ method }) => method === 'write'),
  };
}

describe('a projection', () => {
  it('folds what the store holds and then what comes', async () => {
    const { append, start } = given();
    await append('cart-1', 'ItemAdded', 'tea');
    const running = await start();
    await running.caughtUp;
    expect(running.status()).toEqual({ state: 'following', position: 0 });
    const position = await append('cart-1', 'ItemAdded', 'milk');
    await running.waitFor(position, 1_000);
    expect(await running.model.get('cart-1')).toEqual({ key: 'cart-1', document: { items: ['tea', 'milk'], count: 2 }, position });
    expect(await running.lag()).toBe(0);
    await running.close();
    expect(running.status().state).toBe('closed');
  });

  it('writes each document once per batch, with the checkpoint, and only what changed', async () => {
    const { append, start, writes } = given();
    for (let n = 0; n < 10; n++) await append(`cart-${n % 2}`, 'ItemAdded', `i${n}`);
    const running = await start();
    await running.caughtUp;
    expect(writes()).toEqual([{ method: 'write', keys: ['cart-0', 'cart-1'], checkpoint: 9 }]);
    await running.close();
  });

  it('does not read a document again that it folded a batch ago, and reads one that it has let go', async () => {
    const { append, start, readModels } = given();
    const running = await start({ cachedDocuments: 1 });
    const reads: (readonly string[])[] = [];
    for (const stream of ['cart-1', 'cart-1', 'cart-2', 'cart-1']) {
      const before = readModels.calls.length;
      await running.waitFor(await append(stream, 'ItemAdded', 'x'), 1_000);
      reads.push(readModels.calls.slice(before).flatMap(({ method, keys }) => (method === 'getMany' ? keys : [])));
    }
    expect(reads).toEqual([['cart-1'], [], ['cart-2'], ['cart-1']]);
    expect((await running.model.get('cart-1'))?.document.count).toBe(3);
    await running.close();
  });

  it('removes documents, and neither stores nor removes what came and went within a batch', async () => {
    const { append, start, writes } = given();
    await append('cart-1', 'ItemAdded', 'x');
    const running = await start();
    await running.caughtUp;
    await append('cart-2', 'ItemAdded', 'x');
    await running.close();
    await append('cart-1', 'CartDropped');
    await append('cart-3', 'ItemAdded', 'x');
    await append('cart-3', 'CartDropped');
    const again = await start();
    await again.caughtUp;
    expect((await again.model.find({})).map(({ key }) => key)).toEqual(['cart-2']);
    expect(writes().at(-1)?.keys).not.toContain('cart-3');
    await again.close();
  });

  it('goes on from its checkpoint after a restart, folding nothing twice', async () => {
    const { append, start } = given();
    for (let n = 0; n < 5; n++) await append('cart-1', 'ItemAdded', `i${n}`);
    const first = await start({ maxBatch: 2 });
    await first.caughtUp;
    await first.close();
    for (let n = 5; n < 8; n++) await append('cart-1', 'ItemAdded', `i${n}`);
    const second = await start({ maxBatch: 2 });
    await second.caughtUp;
    expect((await second.model.get('cart-1'))?.document.items).toEqual(['i0', 'i1', 'i2', 'i3', 'i4', 'i5', 'i6', 'i7']);
    await second.close();
  });

  it('writes a checkpoint that no document came with at most once a second, and when it closes', async () => {
    const { append, start, runtime, writes } = given();
    const running = await start();
    for (let n = 0; n < 3; n++) await running.waitFor(await append('other-1', 'Noise'), 1_000);
    expect(writes()).toEqual([]);
    await runtime.advance(1_000);
    expect(writes()).toEqual([{ method: 'write', keys: [], checkpoint: 2 }]);
    await running.waitFor(await append('other-1', 'Noise'), 1_000);
    await runtime.advance(500);
    expect(writes()).toHaveLength(1);
    await running.close();
    expect(writes().at(-1)?.checkpoint).toBe(3);
    expect(runtime.pending()).toBe(0);
  });

  it('makes a first version live at once', async () => {
    const { append, start, readModels } = given();
    await append('cart-1', 'ItemAdded', 'x');
    const running = await start();
    expect(running.status().state).toBe('catching-up');
    expect(await readModels.liveVersion('carts')).toBe(1);
    await running.close();
  });

  it('builds a new version beside the live one and makes it live when it has what was there at its start', async () => {
    const { append, start, readModels } = given();
    for (let n = 0; n < 4; n++) await append('cart-1', 'ItemAdded', `i${n}`);
    const old = await start();
    await old.caughtUp;
    const renewed = await start({ projection: { ...carts, version: 2 }, maxBatch: 1 });
    await renewed.waitFor(1, 1_000);
    expect(await readModels.liveVersion('carts')).toBe(1);
    expect((await old.model.get('cart-1'))?.document.count).toBe(4);
    await renewed.caughtUp;
    expect(await readModels.liveVersion('carts')).toBe(2);
    expect((await renewed.model.get('cart-1'))?.document.count).toBe(4);
    await append('cart-1', 'ItemAdded', 'late');
    await expect(old.waitFor(4, 1_000)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(old.status()).toMatchObject({ state: 'failed', failedAt: null });
    await Promise.all([old.close(), renewed.close()]);
  });

  it('refuses documents that are ahead of the store', async () => {
    const { start, readModels } = given();
    await (await readModels.open(carts)).write([], 7);
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DAMAGED', message: expect.stringContaining('position 7') });
  });
});

describe('waiting for a position', () => {
  it('ends when an event that the projection does not handle has passed', async () => {
    const { append, start } = given();
    const running = await start();
    const waiting = running.waitFor(0, 1_000);
    await append('other-1', 'Noise');
    await expect(waiting).resolves.toBeUndefined();
    await running.close();
  });

  it('is refused with TIMED_OUT when the position does not come in time', async () => {
    const { start, runtime } = given();
    const running = await start();
    const waiting = running.waitFor(3, 250);
    const outcome = expect(waiting).rejects.toMatchObject({
      code: 'TIMED_OUT',
      details: { projection: 'carts v1', expected: 3, actual: -1 },
    });
    await runtime.advance(250);
    await outcome;
    await running.close();
  });

  it('is refused with SHUTTING_DOWN when the projection closes, and after', async () => {
    const { start, runtime } = given();
    const running = await start();
    const outcome = expect(running.waitFor(3, 250)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await running.close();
    await outcome;
    await expect(running.waitFor(3, 250)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect(runtime.pending()).toBe(0);
  });
});

describe('freshening a view', () => {
  it('waits for what was recorded before, and no longer than its limit, also while the store itself is waited for', async () => {
    const { runtime, append, start, store } = given();
    let away = false;
    const head = () => (away ? new Promise<number>(() => {}) : store.head());
    const running = await start({ store: { subscribe: (options) => store.subscribe(options), head } });
    await append('cart-1', 'ItemAdded', 'tea');
    await running.freshen(100);
    expect(running.position()).toBe(0);
    away = true;
    let fresh = false;
    const freshening = running.freshen(100).then(() => (fresh = true));
    await runtime.advance(99);
    expect(fresh).toBe(false);
    await runtime.advance(1);
    await freshening;
    await running.close();
  });
});

describe('an event that the projection throws on', () => {
  const poisoned = async () => {
    const all = given();
    await all.append('cart-1', 'ItemAdded', 'tea');
    await all.append('cart-2', 'ItemAdded', 'tea');
    await all.append('cart-1', 'Poison');
    await all.append('cart-2', 'ItemAdded', 'milk');
    return all;
  };

  it('stops it with the event’s position, everything before folded and nothing of the event or after', async () => {
    const { start, readModels } = await poisoned();
    const logged: string[] = [];
    const running = await start({ logger: { info: () => undefined, warn: () => undefined, error: (message) => logged.push(message) } });
    await expect(running.caughtUp).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('no such item') });
    expect(running.status()).toMatchObject({
      state: 'failed',
      position: 1,
      failedAt: 2,
      error: { details: { position: 2, stream: 'cart-1', type: 'Poison' } },
    });
    expect((await running.model.find({})).map(({ document }) => document.items)).toEqual([['tea'], ['tea']]);
    expect(await running.model.checkpoint()).toBe(1);
    await expect(running.waitFor(2, 1_000)).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(running.waitFor(1, 1_000)).resolves.toBeUndefined();
    expect(logged).toEqual(['projection failed and has stopped']);
    expect(readModels.failures).toEqual([]);
    await running.close();
    expect(running.status().state).toBe('failed');
  });

  it('is folded by a corrected projection, which goes on from there', async () => {
    const { start } = await poisoned();
    const broken = await start();
    await broken.caughtUp.catch(() => undefined);
    await broken.close();
    const corrected = {
      ...carts,
      evolve: (...given: Parameters<typeof carts.evolve>) => (given[1].type === 'Poison' ? given[0] : carts.evolve(...given)),
    };
    const running = await start({ projection: corrected });
    await running.caughtUp;
    expect((await running.model.get('cart-1'))?.position).toBe(2);
    expect((await running.model.get('cart-2'))?.document.items).toEqual(['tea', 'milk']);
    await running.close();
  });

  it('stops it also where the keys cannot be told, and stops no other projection', async () => {
    const { start, append } = given();
    const keys = () => {
      throw new Error('no key');
    };
    const broken = await start({ projection: { ...carts, name: 'broken', keys } });
    const sound = await start();
    const position = await append('cart-1', 'ItemAdded', 'tea');
    await sound.waitFor(position, 1_000);
    expect(broken.status()).toMatchObject({ state: 'failed', failedAt: 0 });
    expect(sound.status().state).toBe('following');
    await Promise.all([broken.close(), sound.close()]);
  });
});

describe('a write that fails', () => {
  it('is tried again with growing pauses when it may pass, and folds nothing twice', async () => {
    const { start, append, readModels, runtime } = given();
    const running = await start();
    await running.waitFor(await append('cart-1', 'ItemAdded', 'tea'), 1_000);
    readModels.failures.push(new TuttiError('DISK_FULL', 'full'), new TuttiError('DISK_FULL', 'full'));
    const position = await append('cart-1', 'ItemAdded', 'milk');
    await runtime.advance(0);
    expect(running.status()).toMatchObject({ state: 'retrying', position: 0, error: { code: 'DISK_FULL' } });
    const waiting = running.waitFor(position, 1_000);
    await runtime.advance(100);
    expect(running.status().state).toBe('retrying');
    await runtime.advance(200);
    await waiting;
    expect((await running.model.get('cart-1'))?.document.items).toEqual(['tea', 'milk']);
    expect(running.status()).toEqual({ state: 'following', position });
    await running.close();
  });

  it('stops the projection when it cannot pass', async () => {
    const { start, append, readModels } = given();
    const running = await start();
    readModels.failures.push(new TuttiError('DATA_DAMAGED', 'torn page'));
    const position = await append('cart-1', 'ItemAdded', 'milk');
    await expect(running.waitFor(position, 1_000)).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
    expect(running.status()).toMatchObject({ state: 'failed', position: -1, failedAt: null });
    await running.close();
  });

  it('does not keep it from closing', async () => {
    const { start, append, readModels, runtime } = given();
    const running = await start();
    readModels.failures.push(new TuttiError('DISK_FULL', 'full'));
    await append('cart-1', 'ItemAdded', 'milk');
    await runtime.advance(0);
    await running.close();
    expect(running.status()).toEqual({ state: 'closed', position: -1 });
    expect(runtime.pending()).toBe(0);
  });
});

describe('a store that ends the subscription', () => {
  it('stops the projection loudly', async () => {
    const { start, store } = given();
    const running = await start();
    await store.close();
    await Promise.resolve();
    expect(running.status()).toMatchObject({ state: 'failed', failedAt: null, error: { code: 'SHUTTING_DOWN' } });
    await running.close();
  });

  it('is asked again after a pause when it may recover', async () => {
    const { start, store, runtime, append } = given();
    let refusals = 2;
    const flaky = Object.create(store, {
      subscribe: {
        value: (options: Parameters<typeof store.subscribe>[0]) => {
          if (refusals-- > 0) throw new TuttiError('OVERLOADED', 'try again');
          return store.subscribe(options);
        },
      },
    }) as typeof store;
    const running = await start({ store: flaky });
    expect(running.status().state).toBe('retrying');
    await runtime.advance(300);
    expect(running.status().state).toBe('following');
    await running.waitFor(await append('cart-1', 'ItemAdded', 'milk'), 1_000);
    await running.close();
  });
});

describe('a batch', () => {
  it('is no larger than asked for', async () => {
    const { start, store, runtime, writes } = given();
    await store.append(
      'cart-1',
      Array.from({ length: 7 }, () => cartEvent(runtime, 'ItemAdded', { item: 'x' })),
      'any',
    );
    const running = await start({ maxBatch: 3 });
    await running.caughtUp;
    expect(writes().map(({ checkpoint }) => checkpoint)).toEqual([2, 5, 6]);
    await running.close();
  });
});
