import { describe, expect, it } from '@jest/globals';
import type { Timers } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import { delayInParts, MAX_PART_MS } from './delay-in-parts.js';

const DAY_MS = 86_400_000;

function scene() {
  const runtime = createManualRuntime();
  const parts: number[] = [];
  const arm: Timers['after'] = (partMs, callback) => {
    parts.push(partMs);
    return runtime.timers.after(partMs, callback);
  };
  let fired = 0;
  return { runtime, parts, fired: () => fired, start: (delayMs: number) => delayInParts(arm, delayMs, () => fired++) };
}

describe('delayInParts', () => {
  it.each([
    ['a second', 1_000, 1],
    ['the longest part', MAX_PART_MS, 1],
    ['one millisecond more than the longest part', MAX_PART_MS + 1, 2],
    ['a hundred days', 100 * DAY_MS, 5],
  ])('waits %s and no less, in parts that a Node timer takes', async (_, delayMs, count) => {
    const { runtime, parts, fired, start } = scene();
    start(delayMs);
    await runtime.advance(delayMs - 1);
    expect(fired()).toBe(0);
    await runtime.advance(1);
    expect(fired()).toBe(1);
    expect(parts).toHaveLength(count);
    expect(Math.max(...parts)).toBeLessThanOrEqual(MAX_PART_MS);
    await runtime.advance(100 * DAY_MS);
    expect(fired()).toBe(1);
  });

  it.each([
    [1.2, 2],
    [0, 0],
    [-10, 0],
  ])('arms %p milliseconds as %p: never early, at once when overdue', (delayMs, part) => {
    const { parts, start } = scene();
    start(delayMs);
    expect(parts).toEqual([part]);
  });

  it.each([
    ['in its first part', 0],
    ['in a later part', 30 * DAY_MS],
  ])('ends a delay that is cancelled %s; cancelling again does nothing', async (_, afterMs) => {
    const { runtime, fired, start } = scene();
    const cancel = start(100 * DAY_MS);
    await runtime.advance(afterMs);
    cancel();
    cancel();
    expect(runtime.pending()).toBe(0);
    await runtime.advance(100 * DAY_MS);
    expect(fired()).toBe(0);
  });
});
