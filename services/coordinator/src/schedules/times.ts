import type { ScheduleSpec } from '@tutti/contracts';
import { Cron } from 'croner';

type Timing = Pick<ScheduleSpec, 'cron' | 'everyMs' | 'offsetMs' | 'timezone'>;

const KEPT = 1_000;
const kept = new Map<string, Cron>();

/** Five fields or six, or a name like @daily. A date, which the library takes as well, is no schedule. */
const PATTERN = /^\s*(?:@[a-z]+|\S+(?:\s+\S+){4,5})\s*$/i;

/**
 * The first time after the given one, in milliseconds; null when there is none. A time of day that a clock change leaves out is taken at the first
 * moment after the gap; one that comes twice is taken the first time, and only expressions that name no hour (or a step of hours) go on through both.
 */
export function nextTime(timing: Timing, afterMs: number): number | null {
  const { cron, everyMs, offsetMs, timezone } = timing;
  if (cron !== null) return cronOf(cron, timezone).nextRun(new Date(afterMs))?.getTime() ?? null;
  if (everyMs === null) return null;
  return (Math.floor((afterMs - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
}

/** Up to so many times after the given one and not after `throughMs`, in order. */
export function timesBetween(timing: Timing, afterMs: number, throughMs: number, most: number): readonly number[] {
  const times: number[] = [];
  for (let next = nextTime(timing, afterMs); next !== null && next <= throughMs && times.length < most; next = nextTime(timing, next))
    times.push(next);
  return times;
}

/** What is wrong with an expression, or with the time zone it is to be read in; null for nothing. */
export function cronProblem(pattern: string, timezone: string): string | null {
  if (!PATTERN.test(pattern))
    return `"${pattern}" is no cron expression; expected five fields (minute hour day month weekday), or six with seconds in front`;
  if (!isTimezone(timezone)) return `there is no time zone "${timezone}"; expected an IANA name like Europe/Berlin`;
  try {
    new Cron(pattern, { paused: true, mode: '5-or-6-parts', timezone });
    return null;
  } catch (error) {
    return `"${pattern}" is no cron expression: ${error instanceof Error ? error.message.replace(/^\w+: /, '') : String(error)}`;
  }
}

export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Only computes times: paused from the start, it arms no timer. */
function cronOf(pattern: string, timezone: string): Cron {
  const key = `${timezone} ${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const cron = new Cron(pattern, { paused: true, mode: '5-or-6-parts', timezone });
  kept.set(key, cron);
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT) break;
    kept.delete(oldest);
  }
  return cron;
}
