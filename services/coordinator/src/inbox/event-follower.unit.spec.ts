import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { inboxEvents, runEvents } from '@tutti/contracts';
import type { EventStore, SubscribeOptions } from '@tutti/event-store';
import { createInMemoryEventStore, type InMemoryEventStore } from '@tutti/event-store/testing';
import { eventMetadata, newEvent } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { EventFollower } from './event-follower.js';

let runtime: ManualRuntime;
let store: InMemoryEventStore;
let subscriptions: SubscribeOptions[];
let reads: number;
let follower: EventFollower;
let nextId = 0;

beforeEach(() => {
  runtime = createManualRuntime();
  store = createInMemoryEventStore(runtime);
  subscriptions = [];
  reads = 0;
  const counted: Pick<EventStore, 'readAll' | 'subscribe'> = {
    readAll: (options) => {
      reads += 1;
      return store.readAll(options);
    },
    subscribe: (options) => {
      subscriptions.push(options);
      return store.subscribe(options);
    },
  };
  follower = new EventFollower({ store: counted, runtime, logger: silentLogger });
});
afterEach(async () => {
  await follower.close();
  await store.close();
});

const settled = () => runtime.advance(0);
const metadata = eventMetadata({ correlationId: 'c', actor: 'user:test' });

async function receive(eventType: string, count = 1, source = 'shop'): Promise<number> {
  const events = Array.from({ length: count }, () => {
    const data = {
      source,
      eventId: `e${nextId++}`,
      eventType,
      subject: null,
      occurredAt: null,
      data: { inline: null },
      receivedFrom: 'api',
    };
    return newEvent(runtime.ids.next(), inboxEvents.EventReceived, data, metadata);
  });
  return (await store.append(`inbox-${source}`, events, 'any')).position;
}

async function cancelRun(runId: string): Promise<number> {
  const event = newEvent(runtime.ids.next(), runEvents.RunCancelled, { cancelledBy: 'user:ann', reason: '' }, metadata);
  return (await store.append(`run-${runId}`, [event], 'any')).position;
}

function collector(): { readonly seen: number[]; readonly take: (event: { readonly recorded: { readonly position: number } }) => void } {
  const seen: number[] = [];
  return { seen, take: ({ recorded }) => void seen.push(recorded.position) };
}

describe('the follower of events', () => {
  it('asks nothing of the store while nobody waits', async () => {
    await receive('paid');
    await settled();
    expect([subscriptions, reads]).toEqual([[], 0]);
    const { take } = collector();
    follower.watch({ after: -1, eventType: 'paid' }, take).close();
    await receive('paid');
    expect(subscriptions).toHaveLength(1);
  });

  it('gives what came after the position, then what comes', async () => {
    const first = await receive('paid');
    const second = await receive('paid');
    const { seen, take } = collector();
    follower.watch({ after: first, eventType: 'paid' }, take);
    await settled();
    await receive('shipped');
    const third = await receive('paid');
    await settled();
    expect(seen).toEqual([second, third]);
  });

  it('gives only those of the source that was asked for', async () => {
    const { seen, take } = collector();
    follower.watch({ after: -1, eventType: 'paid', source: 'shop' }, take);
    await receive('paid', 1, 'bank');
    const own = await receive('paid', 1, 'shop');
    await settled();
    expect(seen).toEqual([own]);
  });

  it('gives what Tutti records, in the words of an event from outside', async () => {
    const seen: object[] = [];
    follower.watch({ after: -1, eventType: 'RunCancelled' }, (event) => void seen.push(event));
    await cancelRun('r1');
    await settled();
    expect(seen).toEqual([
      expect.objectContaining({
        source: 'tutti',
        type: 'RunCancelled',
        subject: 'run-r1',
        data: { inline: { cancelledBy: 'user:ann', reason: '' } },
      }),
    ]);
  });

  it('follows only the categories and types that somebody asked for', async () => {
    const { take } = collector();
    follower.watch({ after: -1, eventType: 'paid' }, take);
    follower.watch({ after: -1, eventType: 'RunCancelled' }, take);
    await settled();
    expect(subscriptions.map(({ filter }) => filter)).toEqual([
      { categories: ['inbox'], types: ['EventReceived'] },
      { categories: ['inbox', 'run'], types: ['EventReceived', 'RunCancelled'] },
    ]);
  });

  it('loses nothing of a type that is asked for after the subscription has passed it', async () => {
    const paid = collector();
    const cancelled = collector();
    const before = await cancelRun('r1');
    follower.watch({ after: -1, eventType: 'paid' }, paid.take);
    await receive('paid');
    await settled();
    follower.watch({ after: -1, eventType: 'RunCancelled' }, cancelled.take);
    const after = await cancelRun('r2');
    await settled();
    await settled();
    expect([paid.seen.length, cancelled.seen]).toEqual([1, [before, after]]);
  });

  it('reads once for many who come together, each from its own position', async () => {
    const positions = [await receive('paid'), await receive('paid'), await receive('paid')];
    follower.watch({ after: -1, eventType: 'paid' }, () => undefined);
    await settled();
    const all = positions.map(() => collector());
    all.forEach(({ take }, index) => follower.watch({ after: positions[index] ?? 0, eventType: 'paid' }, take));
    await settled();
    await settled();
    const last = await receive('paid');
    await settled();
    expect(all.map(({ seen }) => seen)).toEqual([[positions[1], positions[2], last], [positions[2], last], [last]]);
    expect(reads).toBe(1);
  });

  it('gives an event again until it is taken, and the next only then', async () => {
    const seen: number[] = [];
    let refusals = 2;
    follower.watch({ after: -1, eventType: 'paid' }, ({ recorded }) => {
      if (refusals-- > 0) throw new Error('not now');
      seen.push(recorded.position);
    });
    const first = await receive('paid');
    const second = await receive('paid');
    await settled();
    expect(seen).toEqual([]);
    await runtime.advance(2_000);
    expect(seen).toEqual([first, second]);
  });

  it('keeps a bounded number for a slow watcher and loses none of the rest', async () => {
    const seen: number[] = [];
    const quick = collector();
    let free = (): void => undefined;
    const held = new Promise<void>((resolve) => (free = resolve));
    follower.watch({ after: -1, eventType: 'paid' }, async ({ recorded }) => {
      await held;
      seen.push(recorded.position);
    });
    follower.watch({ after: -1, eventType: 'paid' }, quick.take);
    for (let batch = 0; batch < 10; batch++) await receive('paid', 100);
    for (let turn = 0; turn < 20; turn++) await settled();
    expect([seen.length, quick.seen.length]).toEqual([0, 1_000]);
    free();
    for (let turn = 0; turn < 50; turn++) await settled();
    await receive('paid');
    for (let turn = 0; turn < 20; turn++) await settled();
    expect(seen).toEqual(quick.seen);
    expect(seen).toHaveLength(1_001);
  });

  it('goes on where it stood after its subscription broke off', async () => {
    const { seen, take } = collector();
    follower.watch({ after: -1, eventType: 'paid' }, take);
    const first = await receive('paid');
    await settled();
    await follower.close();
    const failing: Pick<EventStore, 'readAll' | 'subscribe'> = {
      readAll: (options) => store.readAll(options),
      subscribe: (options) => {
        subscriptions.push(options);
        if (subscriptions.length > 2) return store.subscribe(options);
        return { ended: Promise.reject(new Error('gone')), close: () => Promise.resolve() };
      },
    };
    follower = new EventFollower({ store: failing, runtime, logger: silentLogger });
    follower.watch({ after: first, eventType: 'paid' }, take);
    const second = await receive('paid');
    await settled();
    await runtime.advance(1_000);
    await settled();
    expect(seen).toEqual([first, second]);
  });

  it('hands nothing over once the watch is closed, and takes none once it is closed itself', async () => {
    const { seen, take } = collector();
    const watch = follower.watch({ after: -1, eventType: 'paid' }, take);
    watch.close();
    await receive('paid');
    await settled();
    await follower.close();
    expect(seen).toEqual([]);
    expect(() => follower.watch({ after: -1, eventType: 'paid' }, take)).toThrow('is stopping');
  });
});
