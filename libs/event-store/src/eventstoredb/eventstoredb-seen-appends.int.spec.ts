import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findBrokenLink, type Runtime } from '@tutti/kernel';
import { openEmbeddedEventStore, type EmbeddedEventStore } from '../embedded/embedded-event-store.js';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { listenAsEventStoreDb, type EventStoreDbListener } from '../eventstoredb-listener/eventstoredb-listener.js';
import type { EventStore, ReadOptions, SubscribeOptions } from '../event-store.port.js';
import { all, follow, gate, someEvent, someEvents } from '../testing/contract/contract-events.js';
import { openEventStoreDb, type EventStoreDbEventStore } from './eventstoredb-event-store.js';

describe('what a process appends and follows', () => {
  const runtime = createProcessRuntime();
  let folder: string;
  let inner: EmbeddedEventStore;
  let listener: EventStoreDbListener;
  /** Reads of the log backwards from a position: an append is read back. */
  let readBack: number;
  let subscribed: number;
  /** While it is closed subscriptions at the server bring nothing. */
  let held: Promise<void>;
  const stores: EventStoreDbEventStore[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-esdb-seen-'));
    inner = await openEmbeddedEventStore({ file: join(folder, 'events.db'), runtime, maxAppendBytes: 4 * 1024 * 1024 });
    [readBack, subscribed, held] = [0, 0, Promise.resolve()];
    const readAll = (options: ReadOptions = {}) => {
      if (options.direction === 'backwards' && options.from !== undefined && options.from >= 0) readBack += 1;
      return inner.readAll(options);
    };
    const subscribe = (options: SubscribeOptions) => {
      subscribed += 1;
      return inner.subscribe({ ...options, onBatch: (events, head) => held.then(() => options.onBatch(events, head)) });
    };
    const store: EventStore = Object.assign(Object.create(inner) as EventStore, {
      readAll,
      subscribe,
      append: inner.append.bind(inner),
      readStream: inner.readStream.bind(inner),
      head: inner.head.bind(inner),
    });
    listener = await listenAsEventStoreDb({ store, runtime });
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await listener.close();
    await inner.close();
    rmSync(folder, { recursive: true });
  });

  function open(): EventStoreDbEventStore {
    const store = openEventStoreDb({ connectionString: listener.connectionString, runtime });
    stores.push(store);
    return store;
  }

  it('is not read back when it comes anyway, and is answered as it stands in the log', async () => {
    const store = open();
    const follower = follow(store, { after: -1, filter: { categories: ['run'] } });
    const { position } = await store.append('run-0', someEvents(1), 'no-stream');
    await follower.reaches(position);
    const before = readBack;
    const appended = [];
    for (let index = 0; index < 20; index++) appended.push(await store.append(`run-${index % 7}`, someEvents(1 + (index % 3)), 'any'));
    // One that came late may be among them, on a machine that has much to do.
    expect(readBack - before).toBeLessThan(10);
    appended.push(
      ...(await Promise.all(
        Array.from({ length: 30 }, (_, index) => store.append(`run-${index % 7}`, someEvents(1 + (index % 3)), 'any')),
      )),
    );
    const found = await all(store.readAll());
    expect(appended.flatMap(({ events }) => events).toSorted((one, other) => one.position - other.position)).toEqual(found.slice(1));
    for (let index = 0; index < 7; index++) expect(findBrokenLink(await all(store.readStream(`run-${index}`)))).toBeNull();
  });

  it('is read back when what is followed is something else', async () => {
    const store = open();
    const follower = follow(store, { after: -1, filter: { categories: ['run'] } });
    await follower.reaches((await store.append('run-0', someEvents(1), 'no-stream')).position);
    const before = readBack;
    const { events } = await store.append('thing-1', someEvents(2), 'no-stream');
    expect(readBack).toBeGreaterThan(before);
    expect(events).toEqual(await all(store.readStream('thing-1')));
  });

  it('is read back after a while when it does not come, and not waited for again until the subscription has come so far', async () => {
    const store = open();
    const follower = follow(store, { after: -1 });
    await follower.reaches((await store.append('run-0', someEvents(1), 'no-stream')).position);
    const { opened, open: letGo } = gate();
    held = opened;
    const begin = performance.now();
    const { events, position } = await store.append('run-1', someEvents(2), 'no-stream');
    expect(performance.now() - begin).toBeGreaterThanOrEqual(90);
    expect(events).toEqual(
      await all(inner.readStream('run-1')).then((found) => found.map(({ id, revision }) => expect.objectContaining({ id, revision }))),
    );
    const before = readBack;
    await store.append('run-2', someEvents(2), 'no-stream');
    expect(readBack).toBe(before + 1);
    letGo();
    await follower.reaches(position);
    let seen = 0;
    for (let round = 3; round < 10; round++) {
      await follower.reaches(await store.head());
      const settled = readBack;
      await store.append(`run-${round}`, someEvents(2), 'no-stream');
      if (readBack === settled) seen += 1;
    }
    expect(seen).toBeGreaterThan(3);
    await follower.reaches(await store.head());
    expect(follower.events()).toEqual(await all(store.readAll()));
  });

  it('is told from what another process appended under the same ids, by what comes', async () => {
    const [one, other] = [open(), open()];
    const followers = [one, other].map((store) => follow(store, { after: -1 }));
    const { position } = await one.append('run-0', someEvents(1), 'no-stream');
    for (const follower of followers) await follower.reaches(position);
    for (let round = 1; round <= 15; round++) {
      const same = [someEvent('A', { round }), someEvent('B', { round })];
      const [first, second] = await Promise.all([one, other].map((store) => store.append(`run-${round}`, same, 'no-stream')));
      expect(first).toEqual(second);
      expect(await all(one.readStream(`run-${round}`))).toEqual(first?.events);
    }
  });

  it('is followed by one subscription, whoever follows, and by none when nobody does', async () => {
    const store = open();
    const { position } = await store.append('run-0', someEvents(1), 'no-stream');
    const followers = Array.from({ length: 6 }, () => follow(store, { after: position }));
    const { position: next } = await store.append('run-0', someEvents(1), 0);
    for (const follower of followers) await follower.reaches(next);
    expect(subscribed).toBe(1);
    await Promise.all(followers.map((follower) => follower.close()));
    await follow(store, { after: next }).close();
  });

  it('is found when the server forgets to send it, and the subscription is made anew', async () => {
    const quick = openEventStoreDb({ connectionString: listener.connectionString, runtime: hurried(runtime, 10) });
    stores.push(quick);
    const followers = [follow(quick, { after: -1 }), follow(quick, { after: -1 })];
    await followers[0]?.reaches((await quick.append('run-0', someEvents(1), 'no-stream')).position);
    const never = gate();
    held = never.opened;
    const before = subscribed;
    const { position } = await quick.append('run-1', someEvents(2), 'no-stream');
    for (const follower of followers) await follower.reaches(position);
    held = Promise.resolve();
    // The subscription that was stuck stays so.
    while (subscribed === before) await new Promise((resolve) => setTimeout(resolve, 20));
    const { position: last } = await quick.append('run-2', someEvents(2), 'no-stream');
    for (const follower of followers) {
      await follower.reaches(last);
      expect(follower.events()).toEqual(await all(quick.readAll()));
    }
    never.open();
  });

  it('does not keep whoever asked for the head waiting for a head that moves', async () => {
    const store = openEventStoreDb({ connectionString: listener.connectionString, runtime: neverLooking(runtime) });
    const other = open();
    stores.push(store);
    const { position } = await other.append('run-0', someEvents(1), 'no-stream');
    const follower = follow(store, { after: -1, filter: { categories: ['agent'] } });
    const headOf = (): number => follower.batches.at(-1)?.head ?? -1;
    // Until it follows nobody can hurry it.
    while (headOf() < position) await Promise.all([store.head(), new Promise((resolve) => setTimeout(resolve, 20))]);
    for (let round = 0; round < 3; round++) {
      const before = headOf();
      const { position: after } = await other.append('run-0', someEvents(3), 'any');
      await new Promise((resolve) => setTimeout(resolve, 150));
      expect(headOf()).toBe(before);
      expect(await store.head()).toBe(after);
      await follower.reaches(after);
    }
    expect(follower.events()).toEqual([]);
  });
});

/** Without the looks that a subscription takes by itself now and then. */
function neverLooking(runtime: Runtime): Runtime {
  const { timers } = runtime;
  const after: Runtime['timers']['after'] = (ms, callback, upkeep) =>
    upkeep === 'upkeep' && ms >= 40 ? () => undefined : timers.after(ms, callback, upkeep);
  return { ...runtime, timers: { ...timers, after } };
}

/** So many times faster. */
function hurried(runtime: Runtime, times: number): Runtime {
  const { clock, timers } = runtime;
  return {
    ...runtime,
    clock: { now: () => clock.now(), monotonic: () => clock.monotonic() * times },
    timers: { ...timers, after: (ms, callback) => timers.after(ms / times, callback) },
  };
}
