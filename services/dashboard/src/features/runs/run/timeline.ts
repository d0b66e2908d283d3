import type { Attempt } from './run-story.js';

export interface TimelineBar {
  readonly attempt: Attempt;
  /** Share of the whole before it waits, in percent. */
  readonly left: number;
  /** Waiting for an agent, in percent. */
  readonly waited: number;
  /** At work, in percent. */
  readonly worked: number;
}

export interface Timeline {
  readonly bars: readonly TimelineBar[];
  readonly beganMs: number;
  readonly spanMs: number;
}

/** Places each attempt between the first scheduling and the last end, or `nowMs` while one is open. */
export function timelineOf(attempts: readonly Attempt[], nowMs: number): Timeline {
  const beganMs = Math.min(...attempts.map(({ scheduledAt }) => Date.parse(scheduledAt)), nowMs);
  const endMs = Math.max(beganMs + 1, ...attempts.map(({ endedAt }) => (endedAt === undefined ? nowMs : Date.parse(endedAt))));
  const spanMs = endMs - beganMs;
  const bars = attempts.map((attempt): TimelineBar => {
    const scheduled = Date.parse(attempt.scheduledAt);
    const ended = attempt.endedAt === undefined ? endMs : Date.parse(attempt.endedAt);
    const started = attempt.startedAt === undefined ? ended : Date.parse(attempt.startedAt);
    const share = (ms: number): number => (Math.max(0, ms) / spanMs) * 100;
    return { attempt, left: share(scheduled - beganMs), waited: share(started - scheduled), worked: share(ended - started) };
  });
  return { bars, beganMs, spanMs };
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Lengths that people count in. */
const ROUND = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720, 2_160, 8_760].map((count) => count * HOUR),
];

/** At most so many round marks over the span after its beginning, in milliseconds from there. */
export function ticksOf(spanMs: number, most: number): readonly number[] {
  const step = ROUND.find((size) => spanMs / size <= most) ?? spanMs;
  return Array.from({ length: Math.floor(spanMs / step) + 1 }, (_, index) => index * step);
}
