import { describe, expect, it } from '@jest/globals';
import { Scheduler } from './scheduler.js';

/** Signs of life each second, and what a test adds. */
function beating(scheduler: Scheduler): { readonly beats: number[]; readonly stop: () => void } {
  const beats: number[] = [];
  let stopped = false;
  const beat = (): void => {
    beats.push(scheduler.nowMs);
    if (!stopped) scheduler.after(1_000, beat, true);
  };
  scheduler.after(1_000, beat, true);
  return { beats, stop: () => (stopped = true) };
}

describe('skipping upkeep', () => {
  it('puts it off to what is due next, in its order, and no further', async () => {
    const scheduler = new Scheduler();
    const { beats, stop } = beating(scheduler);
    let due = -1;
    scheduler.at(86_400_000, () => {
      due = scheduler.nowMs;
      stop();
    });
    scheduler.at(500, () => scheduler.skipUpkeep());
    await scheduler.run(() => false, { untilMs: Infinity, steps: 1_000 });
    expect(due).toBe(86_400_000);
    // One at the same moment, which comes first or second, and one that was armed by then.
    expect(beats.length).toBeLessThanOrEqual(2);
    expect(beats[0]).toBe(86_400_000);
  });

  it('changes nothing while something else is due before', async () => {
    const scheduler = new Scheduler();
    const { beats, stop } = beating(scheduler);
    scheduler.at(900, stop);
    scheduler.skipUpkeep();
    await scheduler.run(() => false, { untilMs: Infinity, steps: 10 });
    expect(beats).toEqual([1_000]);
  });

  it('knows when nothing but upkeep is left, whatever was cancelled', () => {
    const scheduler = new Scheduler();
    expect(scheduler.onlyUpkeep).toBe(true);
    beating(scheduler);
    const cancel = scheduler.at(10, () => undefined);
    expect(scheduler.onlyUpkeep).toBe(false);
    cancel();
    expect(scheduler.onlyUpkeep).toBe(true);
  });
});
