import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { PositionWaiters } from './position-waiters.js';

const LIMIT_MS = 5_000;

describe('waiting for a position', () => {
  const waiting = (signal?: AbortSignal) => {
    const runtime = createManualRuntime();
    const waiters = new PositionWaiters('runs', runtime.timers);
    return { runtime, waiters, wait: waiters.wait(7, LIMIT_MS, () => 3, signal) };
  };

  it('ends when the position is folded', async () => {
    const { runtime, waiters, wait } = waiting(new AbortController().signal);
    waiters.advance(7);
    await wait;
    expect(runtime.pending()).toBe(0);
  });

  it('ends at its limit, and says how far the projection is', async () => {
    const { runtime, wait } = waiting();
    const failure = expect(wait).rejects.toMatchObject({ code: 'TIMED_OUT', details: { expected: 7, actual: 3 } });
    await runtime.advance(LIMIT_MS);
    await failure;
  });

  it('ends when nobody waits for the answer any more, and leaves no timer behind', async () => {
    const asked = new AbortController();
    const { runtime, wait } = waiting(asked.signal);
    asked.abort();
    await expect(wait).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(runtime.pending()).toBe(0);
  });

  it('does not begin when nobody waits any more', async () => {
    const { runtime, wait } = waiting(AbortSignal.abort());
    await expect(wait).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(runtime.pending()).toBe(0);
  });
});
