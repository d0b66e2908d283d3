import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

const policy = { maxAttempts: 1_000, initialMs: 1_000, backoff: 2, maxMs: 5_000, jitter: 0, journal: 'keep' } as const;

describe('backoffMs', () => {
  it('doubles up to the longest', () => {
    expect([1, 2, 3, 4, 999].map((failures) => backoffMs(policy, failures, 0))).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('takes off at most the part that is random', () => {
    expect([0, 0.5, 1].map((random) => backoffMs({ ...policy, jitter: 0.2 }, 1, random))).toEqual([1_000, 900, 800]);
  });

  it('waits nothing from an interval of nothing, however often it failed', () => {
    expect(backoffMs({ ...policy, initialMs: 0, backoff: 10 }, 999, 0.5)).toBe(0);
  });
});
