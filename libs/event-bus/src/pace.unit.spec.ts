import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { Pace } from './pace.js';

describe('a pace of 3 at once and one each 10 ms', () => {
  it('lets through at once what comes no faster', async () => {
    const { clock, advance } = createManualRuntime();
    const pace = new Pace(clock, 10, 3);
    for (let index = 0; index < 50; index++) {
      expect(pace.nextInMs()).toBe(0);
      await advance(10);
    }
  });

  it('lets three through at once, and each that comes after them 10 ms behind the one before', async () => {
    const { clock, advance } = createManualRuntime();
    const pace = new Pace(clock, 10, 3);
    const went: number[] = [];
    const begin = clock.monotonic();
    for (let index = 0; index < 6; index++) {
      await advance(pace.nextInMs());
      went.push(clock.monotonic() - begin);
    }
    expect(went).toEqual([0, 0, 0, 10, 20, 30]);
  });

  it('lets three through at once again after a rest', async () => {
    const { clock, advance } = createManualRuntime();
    const pace = new Pace(clock, 10, 3);
    for (let index = 0; index < 5; index++) await advance(pace.nextInMs());
    await advance(1_000);
    expect([1, 2, 3, 4].map(() => pace.nextInMs())).toEqual([0, 0, 0, 10]);
  });
});
