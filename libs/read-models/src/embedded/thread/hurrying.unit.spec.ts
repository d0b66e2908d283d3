import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createHurrying } from './hurrying.js';

describe('hurrying the projections', () => {
  const begun = () => {
    const told: number[] = [];
    const runtime = createManualRuntime();
    return { told, runtime, ...createHurrying((head) => told.push(head), runtime.timers) };
  };

  it('is told at once to who has had a rest', async () => {
    const { told, runtime, hurry } = begun();
    hurry(3);
    await runtime.advance(5);
    hurry(3);
    expect(told).toEqual([3, 3]);
  });

  it('is told once for all that ask within a rest, at its end, for the furthest', async () => {
    const { told, runtime, hurry } = begun();
    for (const head of [3, 3, 7, 5]) hurry(head);
    expect(told).toEqual([3]);
    await runtime.advance(5);
    expect(told).toEqual([3, 7]);
  });

  it('is not told again for what was told already', async () => {
    const { told, runtime, hurry, stop } = begun();
    for (const head of [3, 3, 2]) hurry(head);
    await runtime.advance(5);
    expect(told).toEqual([3]);
    expect(runtime.pending()).toBe(0);
    hurry(4);
    stop();
    expect(runtime.pending()).toBe(0);
  });
});
