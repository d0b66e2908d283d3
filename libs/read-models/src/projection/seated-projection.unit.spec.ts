import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { createInMemoryReadModels } from '../in-memory/in-memory-read-models.js';
import { append, carts, watchReadModels, type CartDocument, type WatchedReadModels } from './projection-fixture.js';
import type { RunningProjection } from './running-projection.js';
import { createSeatedProjectionHost } from './seated-projection.js';

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
  const process = async (): Promise<TestProcess> => {
    let part = { start: () => Promise.resolve(), stop: () => Promise.resolve() };
    let isFolding = false;
    const rest = async (): Promise<void> => {
      if (isFolding) await part.stop();
      isFolding = false;
    };
    const host = createSeatedProjectionHost({
      ...{ store, readModels, runtime },
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
