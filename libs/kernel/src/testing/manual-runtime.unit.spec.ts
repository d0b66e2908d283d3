import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from './manual-runtime.js';

describe('createManualRuntime', () => {
  it('fires timers in order of their time, and those of one time in order of their arming', async () => {
    const { timers, advance } = createManualRuntime();
    const fired: string[] = [];
    timers.after(20, () => fired.push('late'));
    timers.after(10, () => fired.push('early'));
    timers.after(10, () => fired.push('early, armed second'));
    timers.after(-5, () => fired.push('overdue'));
    await advance(20);
    expect(fired).toEqual(['overdue', 'early', 'early, armed second', 'late']);
  });

  it('does not fire what is not due yet, and says how much is armed', async () => {
    const { timers, advance, pending } = createManualRuntime();
    let fired = 0;
    timers.after(100, () => fired++);
    await advance(99);
    expect([fired, pending()]).toEqual([0, 1]);
    await advance(1);
    expect([fired, pending()]).toEqual([1, 0]);
  });

  it('shows each callback the time that it was due at', async () => {
    const { clock, timers, advance } = createManualRuntime({ startMs: 1_000 });
    const seen: number[] = [];
    timers.after(10, () => seen.push(clock.now()));
    timers.after(30, () => seen.push(clock.monotonic()));
    await advance(50);
    expect([...seen, clock.now()]).toEqual([1_010, 1_030, 1_050]);
  });

  it('fires within the same advance what a callback, or a promise that it settled, armed', async () => {
    const { clock, timers, advance } = createManualRuntime({ startMs: 0 });
    const seen: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => timers.after(ms, resolve));
    const work = (async () => {
      await wait(10);
      seen.push(clock.now());
      await wait(10);
      seen.push(clock.now());
    })();
    await advance(20);
    await work;
    expect(seen).toEqual([10, 20]);
  });

  it('does not fire what was cancelled; cancelling again, or after it fired, does nothing', async () => {
    const { timers, advance, pending } = createManualRuntime();
    let fired = 0;
    const cancel = timers.after(10, () => fired++);
    const fire = timers.after(10, () => (fired += 10));
    cancel();
    cancel();
    await advance(10);
    fire();
    expect([fired, pending()]).toEqual([10, 0]);
  });

  it('runs what is to come soon by itself, without the clock', async () => {
    const { clock, timers } = createManualRuntime({ startMs: 5 });
    await new Promise<void>((resolve) => timers.soon(resolve));
    expect(clock.now()).toBe(5);
  });

  it('gives the same ids and numbers for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const { ids, random } = createManualRuntime({ seed });
      return [ids.next(), ids.next(), random.next()];
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
});
