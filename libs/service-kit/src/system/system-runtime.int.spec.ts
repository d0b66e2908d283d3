import { describe, expect, it } from '@jest/globals';
import { createSystemRuntime } from './system-runtime.js';

describe('createSystemRuntime', () => {
  it('calls back after a delay and soon, but not what was cancelled', async () => {
    const { timers } = createSystemRuntime();
    const called: string[] = [];
    const cancel = timers.after(0, () => called.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => timers.soon(resolve));
    await new Promise<void>((resolve) => timers.after(2, resolve));
    expect(called).toEqual([]);
  });

  it('gives ids of the time they were asked for', () => {
    const { clock, ids } = createSystemRuntime();
    const before = clock.now();
    const ms = Number.parseInt(ids.next().replaceAll('-', '').slice(0, 12), 16);
    expect(ms).toBeGreaterThanOrEqual(before);
    expect(ms).toBeLessThanOrEqual(clock.now());
  });

  it('draws fresh randomness for every id, over many refills of its pool, and keeps ids in order', () => {
    const { ids } = createSystemRuntime();
    const given = Array.from({ length: 5_000 }, () => ids.next());
    expect(new Set(given.map((id) => id.slice(19))).size).toBe(given.length);
    expect(given.toSorted()).toEqual(given);
  });

  it('never lets the monotonic clock go back', () => {
    const { clock } = createSystemRuntime();
    const read = Array.from({ length: 1_000 }, () => clock.monotonic());
    expect(read.toSorted((a, b) => a - b)).toEqual(read);
  });

  it('gives numbers in [0, 1) that differ', () => {
    const { random } = createSystemRuntime();
    const drawn = Array.from({ length: 100 }, () => random.next());
    expect(drawn.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(90);
  });
});
