import { describe, expect, it } from '@jest/globals';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { anEvent } from '../testing/test-gateway.js';
import { LogFollower } from './log-follower.js';

function setUp() {
  const runtime = createManualRuntime();
  const store = createInMemoryEventStore(runtime);
  const taken: number[] = [];
  const follower = new LogFollower({
    categories: ['key'],
    take: ({ position }) => void taken.push(position),
    timers: runtime.timers,
    logger: silentLogger,
  });
  const append = async (stream: string) => (await store.append(stream, [anEvent(runtime, 'ApiKeyRevoked')], 'any')).position;
  return { runtime, store, taken, follower, append };
}

describe('following the log', () => {
  it('is caught up when everything is taken in that was there, and goes on with what comes', async () => {
    const { store, taken, follower, append } = setUp();
    const positions = [await append('key-a'), await append('key-b')];
    await append('run-a');
    expect(() => follower.expectCaughtUp()).toThrow(expect.objectContaining({ code: 'SHUTTING_DOWN', retryable: true }));
    follower.start(store);
    await follower.caughtUp;
    expect(taken).toEqual(positions);
    const next = await append('key-a');
    await follower.reach(next, 1_000);
    expect(taken).toEqual([...positions, next]);
    await follower.close();
  });

  it('is caught up at once with an empty log', async () => {
    const { store, follower } = setUp();
    follower.start(store);
    await follower.caughtUp;
    follower.expectCaughtUp();
    await follower.close();
  });

  it('tries again while there is no store, and after the subscription broke takes nothing twice', async () => {
    const { runtime, store, taken, follower, append } = setUp();
    const first = await append('key-a');
    let away = true;
    let breakOff: (error: Error) => void = () => {};
    const shaky: Pick<EventStore, 'head' | 'subscribe'> = {
      head: () => (away ? Promise.reject(new TuttiError('STORE_UNAVAILABLE', 'away')) : store.head()),
      subscribe(options) {
        const inner = store.subscribe(options);
        const broken = new Promise<never>((_, reject) => {
          breakOff = (error) => {
            reject(error);
            void inner.close();
          };
        });
        return { ended: Promise.race([inner.ended, broken]), close: () => inner.close() };
      },
    };
    follower.start(shaky);
    await runtime.advance(5_000);
    expect(taken).toEqual([]);
    away = false;
    await runtime.advance(1_000);
    await follower.caughtUp;
    breakOff(new Error('the host is gone'));
    await runtime.advance(1_000);
    const second = await append('key-b');
    await follower.reach(second, 1_000);
    expect([...new Set(taken)]).toEqual([first, second]);
    expect(taken).toHaveLength(2);
    await follower.close();
    expect(runtime.pending()).toBe(0);
  });

  it('does not wait for ever for a position that does not come', async () => {
    const { runtime, store, follower } = setUp();
    follower.start(store);
    await follower.caughtUp;
    const reached = follower.reach(7, 1_000);
    const refused = expect(reached).rejects.toMatchObject({ code: 'TIMED_OUT' });
    await runtime.advance(1_000);
    await refused;
    await follower.close();
  });
});
