import { describe, expect, it } from '@jest/globals';
import type { TaskLimit } from '@tutti/contracts';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { Permits } from './permits.js';

const PER_MS = 10_000;
const limit: TaskLimit = { kind: 'rate', scope: `rate.${PER_MS}.key:mail`, limit: 1, perMs: PER_MS };

describe('a task that has a permit of a rate, but no agent', () => {
  it('gets one of a later window when its own passed while every agent was busy', async () => {
    const runtime = createManualRuntime();
    const permits = new Permits({
      store: createInMemoryEventStore(runtime),
      runtime,
      logger: silentLogger,
      options: { leaseMs: 20_000, batchShare: 0.1 },
    });
    permits.demand([limit], 1);
    await runtime.advance(1);
    expect(permits.isFree(limit)).toBe(true);
    await runtime.advance(2 * PER_MS);
    // An agent comes free, and the task is looked at.
    expect(permits.exhausted([limit])).toEqual(limit);
    await runtime.advance(1);
    expect(permits.exhausted([limit])).toBeNull();
    await permits.close();
  });
});
