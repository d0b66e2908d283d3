import { findBrokenLink, type RecordedEvent } from '@tutti/kernel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { serveDataFolder, type ServedDataFolder } from '../eventstoredb-listener/serve-data-folder.js';
import { all, follow, idsOf, positionsOf, someEvent, someEvents } from '../testing/contract/contract-events.js';
import { BreakableProxy } from './breakable-proxy-harness.js';
import { openEventStoreDb, type EventStoreDbEventStore, type EventStoreDbOptions } from './eventstoredb-event-store.js';
import type { EventStoreDbState } from './server-connection.js';

describe('EventStoreDB when connections break and servers come and go', () => {
  const runtime = createProcessRuntime();
  let folder: string;
  let served: ServedDataFolder;
  let port: number;
  let proxy: BreakableProxy;
  let states: EventStoreDbState[];
  const stores: EventStoreDbEventStore[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-esdb-faults-'));
    served = await serveDataFolder({ folder, runtime, port: 0 });
    port = Number(new URL(served.connectionString).port);
    proxy = await BreakableProxy.open(port);
    states = [];
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
    await proxy.close();
    await served.close();
    rmSync(folder, { recursive: true });
  });

  function open(options: Partial<EventStoreDbOptions> = {}): EventStoreDbEventStore {
    const connectionString = `esdb://127.0.0.1:${proxy.port}?tls=false`;
    const store = openEventStoreDb({ connectionString, runtime, callLimitMs: 1_000, onState: (state) => states.push(state), ...options });
    stores.push(store);
    return store;
  }

  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  async function restartAfter(ms: number): Promise<void> {
    await served.close();
    await wait(ms);
    served = await serveDataFolder({ folder, runtime, port });
  }

  /** Appends to each of some streams, one after the other, until told to stop. */
  function keepAppending(store: EventStoreDbEventStore, streams: readonly string[]): () => Promise<ReadonlyMap<string, readonly string[]>> {
    let going = true;
    const ids = new Map<string, readonly string[]>();
    const writers = streams.map(async (stream) => {
      const written: string[] = [];
      ids.set(stream, written);
      while (going) {
        const events = someEvents(2);
        await store.append(stream, events, written.length === 0 ? 'no-stream' : written.length - 1);
        written.push(...idsOf(events));
      }
    });
    return async () => {
      going = false;
      await Promise.all(writers);
      return ids;
    };
  }

  it('has every append once, in order and chained, however often the connection breaks', async () => {
    const store = open();
    const stop = keepAppending(store, ['thing-1', 'thing-2', 'thing-3', 'thing-4']);
    for (let cuts = 0; cuts < 8; cuts++) {
      await wait(120);
      proxy.cut();
    }
    for (const [stream, ids] of await stop()) {
      const found = await all(store.readStream(stream));
      expect(idsOf(found)).toEqual(ids);
      expect(findBrokenLink(found)).toBeNull();
    }
  });

  it('answers an append whose answer was lost by what the stream holds', async () => {
    const store = open();
    await store.append('thing-1', someEvents(1), 'no-stream');
    proxy.swallowAnswers();
    const events = someEvents(3);
    const answer = store.append('thing-1', events, 0);
    await wait(200);
    proxy.cut();
    expect(await answer).toMatchObject({ revision: 3 });
    expect((await answer).events).toEqual((await all(store.readStream('thing-1'))).slice(1));
  });

  it('gives up after its limit while the server is away, and takes the append again later', async () => {
    const store = open({ appendLimitMs: 600, readLimitMs: 300 });
    await store.append('thing-1', someEvents(1), 'no-stream');
    await proxy.refuse();
    const events = someEvents(1);
    await expect(store.append('thing-1', events, 0)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await expect(all(store.readStream('thing-1'))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(store.state()).toMatchObject({ connected: false, reason: expect.stringContaining('EventStoreDB does not answer') });
    await proxy.accept();
    await store.connected();
    expect(await store.append('thing-1', events, 0)).toMatchObject({ revision: 1 });
    expect(store.state()).toMatchObject({ connected: true, reason: null });
  });

  it('goes on where it was when the connection breaks in the middle of a read', async () => {
    const store = open();
    for (let index = 0; index < 3; index++) await store.append('thing-1', someEvents(600), 'any');
    for (const read of [() => store.readStream('thing-1'), () => store.readAll({ direction: 'backwards' })]) {
      const found: RecordedEvent[] = [];
      for await (const event of read()) {
        found.push(event);
        if (found.length % 700 === 0) proxy.cut();
      }
      expect(new Set(idsOf(found)).size).toBe(1_800);
      expect(found).toHaveLength(1_800);
    }
  });

  it('follows without a gap and without repeating, over breaks and a server that was away', async () => {
    const [writer, reader] = [open(), open()];
    const followers = [follow(reader, { after: -1 }), follow(reader, { after: -1, filter: { categories: ['run'] } })];
    const stop = keepAppending(writer, ['run-1', 'thing-1']);
    for (let cuts = 0; cuts < 4; cuts++) {
      await wait(150);
      proxy.cut();
    }
    await restartAfter(1_000);
    await wait(300);
    await stop();
    const { position } = await writer.append('run-1', someEvents(1), 'any');
    for (const follower of followers) await follower.reaches(position);
    const everything = await all(writer.readAll());
    expect(followers[0]?.events()).toEqual(everything);
    expect(followers[1]?.events()).toEqual(everything.filter(({ stream }) => stream === 'run-1'));
    expect(positionsOf(everything)).toEqual(positionsOf(everything).toSorted((one, other) => one - other));
    expect(states.some(({ connected, reason }) => !connected && reason !== null)).toBe(true);
  });

  it('leaves a connection on which nothing passes any more', async () => {
    const store = open({ callLimitMs: 300 });
    const follower = follow(store, { after: -1 });
    await store.append('thing-1', someEvents(1), 'no-stream');
    await follower.reaches(await store.head());
    proxy.stall();
    const { position } = await store.append('thing-1', someEvents(1), 0);
    await follower.reaches(position);
    expect(follower.events()).toHaveLength(2);
  });

  it('waits for a server that is not there yet, says so, and says when it is', async () => {
    await proxy.refuse();
    const store = open();
    expect(store.state()).toMatchObject({ connected: false });
    await expect(store.connected(200)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    const connected = store.connected();
    await wait(300);
    await proxy.accept();
    await connected;
    expect(states.map((state) => state.connected)).toEqual([...states.slice(1).map(() => false), true]);
    expect(states[0]?.reason).toMatch(/ECONNREFUSED|does not answer/);
    expect(await store.head()).toBe(-1);
  });

  it('follows a server that comes long after reads have given up, and closes without waiting for one that is away', async () => {
    await proxy.refuse();
    const store = open({ readLimitMs: 100 });
    const followers = [follow(store, { after: -1 }), follow(store, { after: -1, filter: { categories: ['run'] } })];
    await expect(store.head()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await wait(500);
    await proxy.accept();
    await store.connected();
    const { position } = await store.append('run-1', someEvents(2), 'no-stream');
    for (const follower of followers) {
      await follower.reaches(position);
      expect(follower.events()).toHaveLength(2);
    }
    const other = open({ readLimitMs: 60_000 });
    const lost = follow(other, { after: 0 });
    await lost.reaches(position);
    await proxy.refuse();
    const late = follow(other, { after: -1 });
    await wait(300);
    const begin = performance.now();
    await other.close();
    await Promise.all([lost.ended, late.ended]);
    expect(performance.now() - begin).toBeLessThan(10_000);
    await proxy.accept();
  });

  it('lets one of two processes append at a revision, and each recognise what the other appended', async () => {
    const [one, other] = [open(), open()];
    await one.append('thing-1', someEvents(1), 'no-stream');
    const same = someEvents(2);
    const both = await Promise.allSettled([one.append('thing-1', same, 0), other.append('thing-1', someEvents(2), 0)]);
    const refused = both.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]?.reason).toMatchObject({ code: 'REVISION_CONFLICT', details: { actual: 2 } });
    const repeated = someEvents(2);
    const first = await one.append('thing-1', repeated, 2);
    expect(await other.append('thing-1', repeated, 2)).toEqual(first);
    await Promise.all(Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? one : other).append('thing-1', someEvents(2), 'any')));
    const found = await all(other.readStream('thing-1'));
    expect(found).toHaveLength(85);
    expect(findBrokenLink(found)).toBeNull();
    expect(await all(one.readAll())).toEqual(found);
  });

  it('shares a server with others by a prefix, and none sees what is not its own', async () => {
    const [one, other] = [open({ prefix: 'one.' }), open({ prefix: 'other.' })];
    const followers = [one, other].map((store) => follow(store, { after: -1, filter: { categories: ['run'] } }));
    await one.append('run-1', [someEvent('A')], 'no-stream');
    await other.append('run-1', [someEvent('B')], 'no-stream');
    await other.append('thing-1', [someEvent('B')], 'no-stream');
    await one.saveSnapshot('run-1', { revision: 0, schemaVersion: 1, state: { of: 'one' } });
    expect(await other.loadSnapshot('run-1')).toBeNull();
    const typesOf = (events: readonly RecordedEvent[]): string[] => events.map(({ stream, type }) => `${stream} ${type}`);
    expect(typesOf(await all(one.readAll()))).toEqual(['run-1 A']);
    expect(typesOf(await all(other.readAll({ direction: 'backwards' })))).toEqual(['thing-1 B', 'run-1 B']);
    for (const [index, store] of [one, other].entries()) await followers[index]?.reaches(await store.head());
    expect(followers.map((follower) => typesOf(follower.events()))).toEqual([['run-1 A'], ['run-1 B']]);
  });

  it('refuses more than may wait for a server that is away', async () => {
    const store = open({ appendLimitMs: 300, maxQueuedBytes: 2_000 });
    await proxy.refuse();
    const appends = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => store.append(`thing-${index}`, [someEvent('A', { text: 'x'.repeat(300) })], 'any')),
    );
    const codes = appends.map((outcome) => outcome.status === 'rejected' && (outcome.reason as { readonly code: string }).code);
    expect(new Set(codes)).toEqual(new Set(['STORE_UNAVAILABLE', 'OVERLOADED']));
    expect(store.queueFill()).toBe(0);
  });
});
