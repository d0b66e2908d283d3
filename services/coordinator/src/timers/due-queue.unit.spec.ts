import { describe, expect, it } from '@jest/globals';
import { createManualRuntime, seededRandom } from '@tutti/kernel/testing';
import { DueQueue } from './due-queue.js';

function setUp() {
  const runtime = createManualRuntime({ startMs: 0 });
  const fired: [string, number][] = [];
  const queue = new DueQueue(runtime, (key) => fired.push([key, runtime.clock.now()]));
  return { runtime, fired, queue };
}

describe('DueQueue', () => {
  it('calls in order of time with one timer', async () => {
    const { runtime, fired, queue } = setUp();
    queue.arm('late', 30);
    queue.arm('early', 10);
    queue.arm('middle', 20);
    expect(runtime.pending()).toBe(1);
    await runtime.advance(30);
    expect(fired).toEqual([
      ['early', 10],
      ['middle', 20],
      ['late', 30],
    ]);
  });

  it('calls a key once, at the earliest time asked for', async () => {
    const { runtime, fired, queue } = setUp();
    queue.arm('a', 20);
    queue.arm('a', 10);
    queue.arm('a', 30);
    await runtime.advance(100);
    expect(fired).toEqual([['a', 10]]);
  });

  it('takes a key again that is armed while it is called', async () => {
    const runtime = createManualRuntime({ startMs: 0 });
    const fired: number[] = [];
    const queue: DueQueue = new DueQueue(runtime, (key) => {
      fired.push(runtime.clock.now());
      if (fired.length < 3) queue.arm(key, runtime.clock.now() + 10);
    });
    queue.arm('a', 10);
    await runtime.advance(100);
    expect(fired).toEqual([10, 20, 30]);
  });

  it('calls soon what became due because the clock was set forward', async () => {
    const { runtime, fired, queue } = setUp();
    queue.arm('a', 3_600_000);
    const { now } = runtime.clock;
    Object.assign(runtime.clock, { now: () => now() + 7_200_000 });
    await runtime.advance(30_000);
    expect(fired.map(([key]) => key)).toEqual(['a']);
  });

  it('arms for the exact time, however far it is, and looks at the clock meanwhile', async () => {
    const { runtime, fired, queue } = setUp();
    queue.arm('a', 86_400_000);
    expect(runtime.pending()).toBe(2);
    await runtime.advance(86_399_999);
    expect(fired).toEqual([]);
    await runtime.advance(1);
    expect(fired).toEqual([['a', 86_400_000]]);
  });

  it('calls nothing once closed', async () => {
    const { runtime, fired, queue } = setUp();
    queue.arm('a', 10);
    queue.close();
    queue.arm('b', 10);
    await runtime.advance(100);
    expect([fired, runtime.pending()]).toEqual([[], 0]);
  });

  it('keeps a thousand keys in order', async () => {
    const { runtime, fired, queue } = setUp();
    const random = seededRandom(7);
    const times = Array.from({ length: 1_000 }, () => 1 + Math.floor(random.next() * 500));
    times.forEach((at, index) => queue.arm(`k${index}`, at));
    await runtime.advance(500);
    expect(fired.map(([, at]) => at)).toEqual([...times].sort((a, b) => a - b));
  });
});
