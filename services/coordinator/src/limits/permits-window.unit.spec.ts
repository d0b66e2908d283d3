import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TaskLimit } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { Permits } from './permits.js';

const PER_MS = 10_000;
const limit: TaskLimit = { kind: 'rate', scope: `rate.${PER_MS}.key:mail`, limit: 1, perMs: PER_MS };

describe('a task that waits for a permit of a rate', () => {
  let runtime: ManualRuntime;
  let store: EventStore;
  let permits: Permits;
  let clockMs: number;
  let appendMs: number;
  let told: number;

  beforeEach(() => {
    runtime = createManualRuntime();
    store = createInMemoryEventStore(runtime);
    [clockMs, appendMs, told] = [0, 0, 0];
    const clock = { now: () => runtime.clock.now() + clockMs, monotonic: () => runtime.clock.monotonic() };
    permits = new Permits({
      store: slow(store),
      runtime: { ...runtime, clock },
      logger: silentLogger,
      options: { leaseMs: 20_000, batchShare: 0.1 },
    });
    permits.onFree = () => void told++;
  });
  afterEach(() => permits.close());

  function slow(inner: EventStore): EventStore {
    const append: EventStore['append'] = async (stream, events, expected) => {
      if (appendMs > 0) await new Promise<void>((resolve) => void runtime.timers.after(appendMs, resolve));
      return inner.append(stream, events, expected);
    };
    return Object.assign(Object.create(inner) as EventStore, { append });
  }

  it('gets one of a later window when its own passed while every agent was busy', async () => {
    permits.demand([limit], 1);
    await runtime.advance(1);
    expect(permits.isFree(limit)).toBe(true);
    await runtime.advance(20 * PER_MS);
    // An agent comes free, and the task is looked at.
    expect(permits.exhausted([limit])).toEqual(limit);
    await runtime.advance(1);
    expect(permits.exhausted([limit])).toBeNull();
    expect(await store.head()).toBe(1);
  });

  it('gets one of a later window when its own passed before it was known to be reserved', async () => {
    appendMs = PER_MS + 1;
    permits.demand([limit], 1);
    await runtime.advance(1);
    appendMs = 0;
    await runtime.advance(PER_MS + 1);
    expect([told, permits.isFree(limit)]).toEqual([1, true]);
  });

  it('is told when a window comes that the clock went back before, though no agent was free then', async () => {
    permits.demand([limit], 1);
    await runtime.advance(1);
    expect(told).toBe(1);
    clockMs = -3 * PER_MS;
    await runtime.advance(PER_MS);
    // An agent comes free, and the task is looked at.
    expect(permits.exhausted([limit])).toEqual(limit);
    await runtime.advance(2 * PER_MS);
    expect([told, permits.isFree(limit)]).toEqual([2, true]);
  });

  it('is told when a window comes that the clock went back before it was asked for', async () => {
    permits.demand([limit], 1);
    await runtime.advance(1);
    permits.demand([limit], -1);
    clockMs = -PER_MS;
    permits.demand([limit], 1);
    await runtime.advance(PER_MS - 10);
    expect([told, permits.isFree(limit)]).toEqual([1, false]);
    await runtime.advance(10);
    expect([told, permits.isFree(limit)]).toEqual([2, true]);
  });
});
