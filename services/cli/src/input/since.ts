import { usageFailure } from '../failure/failure.js';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A moment in milliseconds since 1970: `10m` before now, or a time with its distance from UTC. @throws Failure USAGE naming the flag */
export function sinceMs(flag: string, text: string, nowMs: number): number {
  const span = spanMs(text);
  if (span !== null) return nowMs - span;
  const at = /^\d{4}-\d\d-\d\d(T.*(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) throw usageFailure(`${flag} expects a time like 10m, 2h, 1d or 2026-07-01T12:00:00Z, found "${text}"`);
  return at;
}

/** A span of time like `30s`, `10m`, `2h` or `7d`, in milliseconds. @throws Failure USAGE naming the flag */
export function durationMs(flag: string, text: string): number {
  const span = spanMs(text);
  if (span === null) throw usageFailure(`${flag} expects a span of time like 30s, 10m, 2h or 7d, found "${text}"`);
  return span;
}

function spanMs(text: string): number | null {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return count === undefined ? null : Number(count) * (UNITS[unit] ?? 0);
}
