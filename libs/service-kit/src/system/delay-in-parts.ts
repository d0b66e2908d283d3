import type { Cancel, Timers } from '@tutti/kernel';

/** Longest delay that a Node timer takes; it fires a longer one at once. */
export const MAX_PART_MS = 2_147_483_647;

/** {@link Timers.after} for a delay of any length, over a timer that takes whole milliseconds up to {@link MAX_PART_MS}. */
export function delayInParts(arm: Timers['after'], delayMs: number, callback: () => void): Cancel {
  let cancelPart: Cancel = () => {};
  const armRest = (restMs: number): void => {
    const part = Math.min(restMs, MAX_PART_MS);
    cancelPart = arm(part, () => (restMs > part ? armRest(restMs - part) : callback()));
  };
  armRest(Math.max(0, Math.ceil(delayMs)));
  return () => cancelPart();
}
