import type { RetryPolicy } from '../definition/plan.js';

/**
 * Milliseconds to wait after the given number of failures (1 for the first): exponential up to the policy's maximum, with `jitter` of it at random.
 *
 * @param random uniform in [0, 1)
 */
export function backoffMs(policy: RetryPolicy, failures: number, random: number): number {
  // The power may be infinite, and zero times infinity no number.
  const full = policy.initialMs === 0 ? 0 : Math.min(policy.maxMs, policy.initialMs * policy.backoff ** (failures - 1));
  return Math.round(full * (1 - policy.jitter * random));
}
