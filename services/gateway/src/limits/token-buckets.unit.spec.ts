import { beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { TokenBuckets } from './token-buckets.js';

const RATE = { perSecond: 2, burst: 3 };

let runtime: ManualRuntime;
let buckets: TokenBuckets;
beforeEach(() => {
  runtime = createManualRuntime();
  buckets = new TokenBuckets(100, runtime.clock);
});
const take = (name = 'ann') => buckets.take(name, RATE).taken;

describe('a token bucket', () => {
  it('gives as many at once as it holds, and says when there is one again', () => {
    expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
    expect(buckets.take('ann', RATE)).toEqual({ taken: false, left: 0, nextMs: 500, fullMs: 1_500 });
  });

  it('fills up steadily, and never over its brim', async () => {
    for (let at = 0; at < 3; at++) take();
    await runtime.advance(499);
    expect(take()).toBe(false);
    await runtime.advance(1);
    expect(take()).toBe(true);
    await runtime.advance(3_600_000);
    expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
  });

  it('is one for each name', () => {
    for (let at = 0; at < 3; at++) take();
    expect([take('ann'), take('bob')]).toEqual([false, true]);
  });

  it('is not emptied by a look', () => {
    for (let at = 0; at < 10; at++) expect(buckets.look('ann', RATE)).toMatchObject({ left: 3, nextMs: 0 });
    take();
    expect(buckets.look('ann', RATE).left).toBe(2);
  });
});

describe('many buckets', () => {
  it('are as many as allowed, and the one not used for longest begins anew', () => {
    for (let at = 0; at < 3; at++) take('first');
    for (let at = 0; at < 98; at++) take(`other-${at}`);
    expect(take('first')).toBe(false);
    for (let at = 0; at < 1_000; at++) take(`more-${at}`);
    expect(buckets.size).toBe(100);
    expect(take('first')).toBe(true);
  });
});
