import type { Timers } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import type { EventFilter, EventStore, SubscribeOptions } from '../event-store.port.js';
import { createInMemoryEventStore } from '../in-memory/in-memory-event-store.js';
import { all, follow, gate, someEvent, someEvents, type Follower } from '../testing/contract/contract-events.js';
import { SharedTail } from './shared-tail.js';

describe('what a shared tail asks its store for', () => {
  const real = createProcessRuntime().timers;
  /** How often those who wait for the head only were told. */
  let ticks: number;
  const timers: Timers = {
    ...real,
    after: (ms, callback) =>
      real.after(ms, () => {
        ticks += 1;
        callback();
      }),
  };
  let store: EventStore & { close(): Promise<void> };
  /** Each subscription to the store that is open, by what it asks for. */
  let asked: { readonly filter: EventFilter | undefined; readonly after: number }[];
  let most: number;
  let given: number;
  let tail: SharedTail;
  let tailed: EventStore;

  beforeEach(() => {
    store = createInMemoryEventStore(createManualRuntime());
    [asked, most, given, ticks] = [[], 0, 0, 0];
    const subscribe = (options: SubscribeOptions) => {
      const entry = { filter: options.filter, after: options.after };
      asked.push(entry);
      most = Math.max(most, asked.length);
      const subscription = store.subscribe({
        ...options,
        onBatch: (events, head) => {
          given += events.length;
          return options.onBatch(events, head);
        },
      });
      void subscription.ended.finally(() => asked.splice(asked.indexOf(entry), 1));
      return subscription;
    };
    tail = new SharedTail({ store: { head: () => store.head(), subscribe }, timers, limits: { events: 4_000, units: 1_000_000 } });
    tailed = Object.assign(Object.create(store) as EventStore, { subscribe: tail.subscribe.bind(tail) });
  });

  const following = async (filter: EventFilter | null): Promise<Follower> => {
    const follower = follow(tailed, { after: await store.head(), ...(filter === null ? {} : { filter }) });
    await store.append('beat-1', [someEvent()], 'any');
    await follower.reaches(await store.head());
    return follower;
  };

  it('is what somebody follows, and nothing else comes', async () => {
    const followers = [await following({ categories: ['agent'] }), await following({ categories: ['service'], types: ['A'] })];
    expect(asked.map(({ filter }) => filter)).toEqual([{ categories: ['agent', 'service'] }]);
    for (let round = 0; round < 5; round++) await store.append('run-1', someEvents(20), 'any');
    const { position } = await store.append('agent-1', someEvents(1), 'any');
    for (const follower of followers) await follower.reaches(position);
    expect(given).toBe(1);
    expect(followers.map((follower) => follower.events().length)).toEqual([1, 0]);
    await tail.close();
  });

  it('grows with those who come while events never stop, and none of them misses one or has one twice', async () => {
    const filters: readonly (EventFilter | null)[] = [
      { categories: ['agent'] },
      { categories: ['run'], types: ['A'] },
      { categories: ['run'] },
      { types: ['B'] },
      null,
    ];
    const followers: { readonly follower: Follower; readonly after: number; readonly filter: EventFilter | null }[] = [];
    for (let round = 0; round < 60; round++) {
      const filter = round % 12 === 3 ? filters[(round - 3) / 12] : undefined;
      if (filter !== undefined) {
        const after = Math.max((await store.head()) - (followers.length % 2 === 0 ? 0 : 25), -1);
        followers.push({ follower: follow(tailed, { after, ...(filter === null ? {} : { filter }) }), after, filter });
      }
      await Promise.all(['run-1', 'agent-1', 'other-1'].map((stream) => store.append(stream, [someEvent('A'), someEvent('B')], 'any')));
      if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const head = await store.head();
    expect(followers).toHaveLength(5);
    for (const { follower, after, filter } of followers) {
      await follower.reaches(head);
      expect(follower.events()).toEqual(await all(store.readAll({ from: after + 1, ...(filter === null ? {} : { filter }) })));
    }
    // Those who were there first had no subscription of their own again.
    expect(asked).toEqual([{ filter: {}, after: expect.any(Number) }]);
    await tail.close();
  });

  it('shrinks some time after those who wanted more have gone, and ends with the last', async () => {
    const narrow = await following({ categories: ['agent'] });
    const wide = await following(null);
    expect(asked.map(({ filter }) => filter)).toEqual([{}]);
    await wide.close();
    for (let round = 0; round < 12; round++) await store.append('run-1', someEvents(100), 'any');
    await narrow.reaches(await store.head());
    const { position } = await store.append('agent-1', someEvents(1), 'any');
    await narrow.reaches(position);
    expect(asked.map(({ filter }) => filter)).toEqual([{ categories: ['agent'] }]);
    expect(narrow.events()).toHaveLength(1);
    // Whoever wants more again gets all of it.
    const again = follow(tailed, { after: -1, filter: { categories: ['run'] } });
    await again.reaches(position);
    expect(again.events()).toHaveLength(1_200);
    await Promise.all([again.close(), narrow.close()]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(asked).toEqual([]);
  });

  it('is everything where names without end are asked for', async () => {
    const categories = (from: number): string[] => Array.from({ length: 60 }, (_, index) => `kind${from + index}`);
    const followers = [await following({ categories: categories(0) }), await following({ categories: categories(60) })];
    expect(asked.map(({ filter }) => filter)).toEqual([{}]);
    await store.append('kind90-1', someEvents(1), 'any');
    for (const follower of followers) await follower.reaches(await store.head());
    expect(followers.map((follower) => follower.events().length)).toEqual([0, 1]);
    await tail.close();
  });

  it('moves heads past what nobody follows in few batches, not one for each event', async () => {
    const follower = await following({ categories: ['agent'] });
    const wide = await following(null);
    const [before, ticked] = [follower.batches.length, ticks];
    for (let round = 0; round < 40; round++) await store.append('run-1', someEvents(1), 'any');
    await follower.reaches(await store.head());
    expect(follower.batches.length - before).toBeLessThanOrEqual(ticks - ticked);
    expect(wide.events().length).toBeGreaterThanOrEqual(40);
    await tail.close();
  });

  it('keeps large events no longer than small ones: who is slow reads them again', async () => {
    const { opened, open } = gate();
    const slow = follow(tailed, { after: -1, maxBatch: 1 }, () => opened);
    const fast = follow(tailed, { after: -1 });
    for (let index = 0; index < 40; index++) await store.append('thing-1', [someEvent('A', { text: 'x'.repeat(100_000) })], 'any');
    await fast.reaches(await store.head());
    open();
    await slow.reaches(await store.head());
    expect(slow.events()).toEqual(await all(store.readAll()));
    expect(most).toBe(2);
    await tail.close();
  });

  it('ends with its store, whoever follows', async () => {
    const followers = [await following({ categories: ['agent'] }), await following(null)];
    await store.close();
    await Promise.all(followers.map((follower) => follower.ended));
    await tail.close();
    expect(asked).toEqual([]);
  });
});
