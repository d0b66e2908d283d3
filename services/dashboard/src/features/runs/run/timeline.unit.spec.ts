import { describe, expect, it } from '@jest/globals';
import type { Attempt } from './run-story.js';
import { ticksOf, timelineOf } from './timeline.js';

const BEGAN = Date.parse('2026-03-01T12:00:00.000Z');
const at = (ms: number): string => new Date(BEGAN + ms).toISOString();

function attempt(scheduled: number, started: number | undefined, ended: number | undefined): Attempt {
  return {
    ...{ task: 't', step: 't', attempt: 1, kind: 'agent', scheduledAt: at(scheduled), agent: 'a', worker: 'w', status: 'running' as const },
    ...{ startedAt: started === undefined ? undefined : at(started), endedAt: ended === undefined ? undefined : at(ended) },
    ...{ input: undefined, output: undefined, message: '', retryAt: undefined },
  };
}

describe('the timeline of attempts', () => {
  it('shares the whole time out among waiting and work', () => {
    const { bars, spanMs } = timelineOf([attempt(0, 250, 500), attempt(500, 500, 1_000)], BEGAN + 99_999);
    expect(spanMs).toBe(1_000);
    expect(bars.map(({ left, waited, worked }) => [left, waited, worked])).toEqual([
      [0, 25, 25],
      [50, 0, 50],
    ]);
  });

  it('goes on to now while an attempt is open, and counts one without an agent as waiting', () => {
    const { bars, spanMs } = timelineOf([attempt(0, 0, undefined), attempt(500, undefined, undefined)], BEGAN + 2_000);
    expect(spanMs).toBe(2_000);
    expect(bars[0]).toMatchObject({ left: 0, worked: 100 });
    expect(bars[1]).toMatchObject({ left: 25, waited: 75, worked: 0 });
  });

  it('has a span even for what took no time', () => {
    expect(timelineOf([attempt(0, 0, 0)], BEGAN).spanMs).toBe(1);
  });

  it.each([
    [1, [0, 1]],
    [1_000, [0, 200, 400, 600, 800, 1_000]],
    [7_300, [0, 2_000, 4_000, 6_000]],
    [285_000, [0, 60_000, 120_000, 180_000, 240_000]],
  ])('marks a span of %d ms at round times', (span, ticks) => expect(ticksOf(span, 6)).toEqual(ticks));

  it('marks fewer times where there is room for fewer', () => expect(ticksOf(500_000, 2)).toEqual([0, 300_000]));
});
