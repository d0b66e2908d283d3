import { randomFillSync } from 'node:crypto';
import { createUuidV7Source, type Runtime } from '@tutti/kernel';

/** The real clock, timers, ids and randomness, for a process that has nothing but a store. Delays are at most 24 days. */
export function createProcessRuntime(): Runtime {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  return {
    clock,
    timers: {
      after: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      soon: (callback) => void setImmediate(callback),
    },
    ids: createUuidV7Source(clock, (bytes) => void randomFillSync(bytes)),
    random: { next: () => Math.random() },
  };
}
