export interface Rate {
  readonly attempts: number;
  readonly failures: number;
}

/**
 * How surely the recent rate of failures is above the one before, in standard deviations: the z-score of two proportions, pooled. Null where either has no
 * attempts, or nothing ever failed.
 */
export function riseOfFailures(before: Rate, recent: Rate): number | null {
  if (before.attempts === 0 || recent.attempts === 0) return null;
  const pooled = (before.failures + recent.failures) / (before.attempts + recent.attempts);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / before.attempts + 1 / recent.attempts));
  if (deviation === 0) return null;
  return (recent.failures / recent.attempts - before.failures / before.attempts) / deviation;
}
