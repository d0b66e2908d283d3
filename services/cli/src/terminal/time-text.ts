const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `0.3s`, `12.4s`, `3m 04s`, `2h 03m`, `4d 02h`. */
export function durationText(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${(Math.floor(span / 100) / 10).toFixed(1)}s`;
  if (span < HOUR) return pair(span, MINUTE, 'm', SECOND, 's');
  if (span < DAY) return pair(span, HOUR, 'h', MINUTE, 'm');
  return pair(span, DAY, 'd', HOUR, 'h');
}

/** `just now`, `12s ago`, `5m ago`, `3h ago`, `2d ago`; a dash for no time. */
export function agoText(iso: string | undefined, nowMs: number): string {
  const then = iso === undefined ? Number.NaN : Date.parse(iso);
  if (Number.isNaN(then)) return '-';
  const span = nowMs - then;
  if (span < 2 * SECOND) return span < -MINUTE ? `in ${durationText(-span)}` : 'just now';
  if (span < MINUTE) return `${Math.floor(span / SECOND)}s ago`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)}m ago`;
  if (span < DAY) return `${Math.floor(span / HOUR)}h ago`;
  return `${Math.floor(span / DAY)}d ago`;
}

/** `12:03:04.123` at the given distance from UTC. */
export function timeOfDay(epochMs: number, utcOffsetMinutes: number): string {
  return new Date(epochMs + utcOffsetMinutes * MINUTE).toISOString().slice(11, 23);
}

function pair(span: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  return `${Math.floor(span / big)}${bigUnit} ${String(Math.floor((span % big) / small)).padStart(2, '0')}${smallUnit}`;
}
