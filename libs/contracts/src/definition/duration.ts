const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** Fewer digits for the longer units, so that every deadline that follows from a duration is a date with a four-digit year. */
export const DURATION_PATTERN = String.raw`^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m)|\d{1,7}(?:\.\d{1,3})?h|\d{1,5}(?:\.\d{1,3})?d)$`;
const PATTERN = new RegExp(DURATION_PATTERN);

/** Milliseconds of a duration like `500ms`, `1.5s`, `10m`, `2h`, `30d`, rounded; null when it is none. */
export function parseDuration(text: string): number | null {
  if (!PATTERN.test(text)) return null;
  const unitAt = text.search(/[a-z]/);
  return Math.round(Number(text.slice(0, unitAt)) * UNIT_MS[text.slice(unitAt) as keyof typeof UNIT_MS]);
}
