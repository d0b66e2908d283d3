import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { TuttiClientError } from '../client-error.js';
import { retrying, type RetryPolicy } from './retrying.js';

const POLICY: RetryPolicy = { tries: 4, limitMs: 60_000, firstWaitMs: 100, longestWaitMs: 300 };
const busy = (retryAfterMs?: number) =>
  new TuttiClientError('OVERLOADED', 'busy', { retryable: true, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });

/** Fails with each error in turn, then answers. Remembers when it was tried. */
function trial(errors: readonly Error[], policy: Partial<RetryPolicy> = {}, signal?: AbortSignal) {
  const runtime = createManualRuntime();
  const begun = runtime.clock.monotonic();
  const times: number[] = [];
  const left = [...errors];
  const attempt = async (): Promise<string> => {
    times.push(runtime.clock.monotonic() - begun);
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
  const outcome = retrying(attempt, { ...POLICY, ...policy }, runtime, signal).catch((error: unknown) => error);
  return { runtime, times, outcome };
}

describe('trying again', () => {
  it('waits longer each time, half of it by chance, and never longer than the longest wait', async () => {
    const { runtime, times, outcome } = trial([busy(), busy(), busy()]);
    await runtime.advance(10_000);
    expect(await outcome).toBe('done');
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, most] of [100, 200, 300].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(most / 2);
      expect(waits[index]).toBeLessThanOrEqual(most);
    }
  });

  it('waits as long as the server asks, also beyond the longest wait', async () => {
    const { runtime, times, outcome } = trial([busy(5_000)]);
    await runtime.advance(4_999);
    expect(times).toHaveLength(1);
    await runtime.advance(1);
    expect(await outcome).toBe('done');
  });

  it('gives up after its tries, with the last error', async () => {
    const last = busy();
    const { runtime, times, outcome } = trial([busy(), busy(), busy(), last, busy()]);
    await runtime.advance(10_000);
    expect(await outcome).toBe(last);
    expect(times).toHaveLength(4);
  });

  it('begins no try behind its limit', async () => {
    const { runtime, times, outcome } = trial([busy(2_000), busy(2_000), busy()], { limitMs: 3_000 });
    await runtime.advance(10_000);
    expect(await outcome).toMatchObject({ code: 'OVERLOADED' });
    expect(times).toEqual([0, 2_000]);
  });

  it.each([
    ['a fault that does not pass', new TuttiClientError('RUN_NOT_FOUND', 'no')],
    ['an error of somebody else', new Error('oops')],
  ])('does not try again after %s', async (_, error) => {
    const { times, outcome } = trial([error]);
    expect(await outcome).toBe(error);
    expect(times).toHaveLength(1);
  });

  it('ends its wait when the caller says so, and leaves no timer behind', async () => {
    const stop = new AbortController();
    const { runtime, outcome, times } = trial([busy(), busy()], {}, stop.signal);
    await runtime.advance(0);
    stop.abort('enough');
    expect(await outcome).toMatchObject({ code: 'ABORTED', cause: 'enough', retryable: false });
    expect(times).toHaveLength(1);
    expect(runtime.pending()).toBe(0);
  });
});
