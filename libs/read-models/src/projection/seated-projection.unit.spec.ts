import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError, type JsonObject } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createInMemoryReadModels } from '../in-memory/in-memory-read-models.js';
import type { ReadModel, ReadModelDefinition, ReadModels } from '../read-models.port.js';
import { append, cartEvent, carts, watchReadModels, type CartDocument, type WatchedReadModels } from './projection-fixture.js';
import type { RunningProjection } from './running-projection.js';
import { createSeatedProjectionHost, type SeatedProjectionsOptions } from './seated-projection.js';

/** A process that folds when the test says so. */
interface TestProcess {
  readonly running: RunningProjection<CartDocument>;
  fold(): Promise<void>;
  rest(): Promise<void>;
}

describe('a projection that one of several processes folds', () => {
  let runtime: ManualRuntime;
  let store: EventStore;
  let readModels: WatchedReadModels;
  beforeEach(() => {
    runtime = createManualRuntime();
    store = createInMemoryEventStore(runtime);
    readModels = watchReadModels(createInMemoryReadModels());
  });

  const add = (item: string): Promise<number> => append(store, runtime, 'cart-1', 'ItemAdded', item);
  const process = async (options: Partial<SeatedProjectionsOptions> = {}): Promise<TestProcess> => {
    let part = { start: () => Promise.resolve(), stop: () => Promise.resolve() };
    let isFolding = false;
    const rest = async (): Promise<void> => {
      if (isFolding) await part.stop();
      isFolding = false;
    };
    const host = createSeatedProjectionHost({
      ...{ store, readModels, runtime, ...options },
      turn: (name, life) => {
        expect(name).toBe('carts.v1');
        part = life;
        return { begin: () => undefined, end: rest };
      },
    });
    const running = await host.start(carts);
    const fold = async (): Promise<void> => {
      isFolding = true;
      await part.start();
    };
    return { running, fold, rest };
  };
  const waited = async (running: RunningProjection<CartDocument>, position: number): Promise<void> => {
    const done = running.waitFor(position, 5_000);
    await runtime.advance(1_000);
    await done;
  };

  it('is folded by the one and read by all, each knowing how far it is', async () => {
    const [one, other] = [await process(), await process()];
    await one.fold();
    const position = await add('tea');
    await waited(one.running, position);
    await waited(other.running, position);
    await Promise.all([one.running.caughtUp, other.running.caughtUp]);
    expect(await other.running.model.get('cart-1')).toMatchObject({ document: { items: ['tea'] }, position });
    expect([one.running.status(), other.running.status()]).toEqual(Array(2).fill({ state: 'following', position }));
    expect(readModels.calls.filter(({ method, keys }) => method === 'write' && keys.length > 0)).toHaveLength(1);
    for (const { running } of [one, other]) await running.close();
  });

  it('tells the others soon of positions that change no document', async () => {
    const [one, other] = [await process(), await process()];
    await one.fold();
    const position = await append(store, runtime, 'order-1', 'Paid');
    const done = other.running.waitFor(position, 300);
    await runtime.advance(300);
    await done;
    for (const { running } of [one, other]) await running.close();
  });

  it('lets events gather while nobody waits, and folds them at once for who does', async () => {
    const [one, quiet] = [await process(), await process({ hasOthers: () => false })];
    const steps = () =>
      readModels.calls.filter(({ method, keys }) => method === 'write' && keys.length > 0).map(({ checkpoint }) => checkpoint);
    for (const [folder, restMs] of [
      [one, 25],
      [quiet, 50],
    ] as const) {
      await folder.fold();
      await runtime.advance(1_000);
      const first = await add('a');
      await runtime.advance(0);
      expect(steps().at(-1)).toBe(first);
      for (const item of ['b', 'c', 'd']) await add(item);
      await runtime.advance(restMs - 1);
      expect(steps().at(-1)).toBe(first);
      await runtime.advance(1);
      expect(steps().slice(-2)).toEqual([first, first + 3]);
      const position = await add('e');
      await runtime.advance(0);
      expect(steps().at(-1)).toBe(first + 3);
      await folder.running.waitFor(position, 5_000);
      await add('f');
      await folder.running.freshen(100);
      expect(folder.running.position()).toBe(position + 1);
      await folder.running.close();
    }
    expect(runtime.pending()).toBe(0);
  });

  it('gathers nothing while it catches up', async () => {
    for (let n = 0; n < 7; n++) await add(`i${n}`);
    const one = await process({ maxBatch: 2 });
    await one.fold();
    await one.running.caughtUp;
    expect(one.running.position()).toBe(6);
    await one.running.close();
  });

  it('knows without any look at the storage that what comes is nothing to fold', async () => {
    let looks = 0;
    const counted: ReadModels = {
      ...{ liveVersion: (name) => readModels.liveVersion(name), promote: (name, version) => readModels.promote(name, version) },
      async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
        const model = await readModels.open<Doc>(definition);
        return { ...model, checkpoint: () => ((looks += 1), model.checkpoint()) };
      },
    };
    const [one, other] = [await process(), await process({ readModels: counted })];
    await one.fold();
    await waited(other.running, await add('tea'));
    await runtime.advance(10_000);
    looks = 0;
    const written = readModels.calls.length;
    let position = -1;
    for (let n = 0; n < 50; n++) {
      position = await append(store, runtime, 'order-1', 'Paid');
      await runtime.advance(0);
      expect(other.running.position()).toBe(position);
    }
    expect(looks).toBe(0);
    await runtime.advance(60_000);
    expect(looks).toBeLessThanOrEqual(12);
    expect(readModels.calls.length - written).toBe(1);
    expect(await one.running.model.checkpoint()).toBe(position);
    for (const { running } of [one, other]) await running.close();
  });

  it('answers who waits in another process soon, however much else comes', async () => {
    const [one, other] = [await process(), await process()];
    await one.fold();
    await waited(other.running, await add('tea'));
    await runtime.advance(10_000);
    await add('milk');
    await runtime.advance(0);
    const position = await add('bread');
    let isThere = false;
    const waiting = other.running.waitFor(position, 5_000).then(() => (isThere = true));
    for (let n = 0; n < 6; n++) {
      await append(store, runtime, 'order-1', 'Paid');
      await runtime.advance(10);
    }
    expect(isThere).toBe(true);
    await waiting;
    for (const { running } of [one, other]) await running.close();
  });

  it('follows what is stored though the log cannot be followed for a while', async () => {
    let refusals = 3;
    const subscribe: EventStore['subscribe'] = (options) => {
      if (refusals-- > 0) throw new TuttiError('OVERLOADED', 'try again');
      return store.subscribe(options);
    };
    const [one, other] = [await process(), await process({ store: { head: () => store.head(), subscribe } })];
    await one.fold();
    await waited(other.running, await add('tea'));
    await runtime.advance(5_000);
    const position = await append(store, runtime, 'order-1', 'Paid');
    await runtime.advance(0);
    expect([other.running.position(), refusals]).toEqual([position, -1]);
    for (const { running } of [one, other]) await running.close();
    expect(runtime.pending()).toBe(0);
  });

  it('removes what has come and gone though one that is late had not seen it stored', async () => {
    const held = Promise.withResolvers<undefined>();
    const late: ReadModels = {
      ...{ liveVersion: (name) => readModels.liveVersion(name), promote: (name, version) => readModels.promote(name, version) },
      async open<Doc extends JsonObject>(definition: ReadModelDefinition): Promise<ReadModel<Doc>> {
        const model = await readModels.open<Doc>(definition);
        const getMany: typeof model.getMany = async (keys) => {
          const found = await model.getMany(keys);
          await held.promise;
          return found;
        };
        return { ...model, getMany };
      },
    };
    const [one, other] = [await process({ readModels: late }), await process()];
    await store.append('cart-1', [cartEvent(runtime, 'ItemAdded', { item: 'tea' }), cartEvent(runtime, 'CartDropped')], 'any');
    await one.fold();
    await runtime.advance(0);
    await other.running.model.write([{ key: 'cart-1', document: { items: ['tea'], count: 1 }, position: 0 }], 0);
    held.resolve(undefined);
    await one.running.caughtUp;
    expect(await other.running.model.find({})).toEqual([]);
    for (const { running } of [one, other]) await running.close();
  });

  it('goes on with another one where the first stopped, and who waits meanwhile is answered', async () => {
    const [one, other] = [await process(), await process()];
    await one.fold();
    await waited(other.running, await add('tea'));
    await one.rest();
    const position = await add('milk');
    const waiting = [one.running.waitFor(position, 5_000), other.running.waitFor(position, 5_000)];
    await runtime.advance(500);
    await other.fold();
    await runtime.advance(500);
    await Promise.all(waiting);
    expect((await one.running.model.get('cart-1'))?.document.items).toEqual(['tea', 'milk']);
    for (const { running } of [one, other]) await running.close();
  });

  it('is of one mind though two fold it for a while', async () => {
    const [one, other] = [await process(), await process()];
    await Promise.all([one.fold(), other.fold()]);
    for (const item of ['a', 'b', 'c']) await waited(one.running, await add(item));
    await waited(other.running, await store.head());
    expect((await one.running.model.get('cart-1'))?.document).toEqual({ items: ['a', 'b', 'c'], count: 3 });
    for (const { running } of [one, other]) await running.close();
  });

  it('names the event that it cannot fold, in the process that folds', async () => {
    const one = await process();
    await one.fold();
    const position = await append(store, runtime, 'cart-1', 'Poison');
    const waiting = one.running.waitFor(position, 5_000);
    waiting.catch(() => undefined);
    await runtime.advance(100);
    await expect(waiting).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(one.running.status()).toMatchObject({ state: 'failed', failedAt: position });
    await one.running.close();
  });

  it('keeps nobody waiting once it is closed', async () => {
    const one = await process();
    const waiting = one.running.waitFor(100, 60_000);
    waiting.catch(() => undefined);
    await one.running.close();
    await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(one.running.waitFor(100, 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    expect([one.running.status().state, runtime.pending()]).toEqual(['closed', 0]);
  });
});
