import type { Runtime } from '@tutti/kernel';
import { createManualRuntime, seededRandom } from '@tutti/kernel/testing';

/** Real time, for tests in which other processes live. The seed keeps the ids of several processes apart. */
export function realRuntime(seed: number): Runtime {
  return {
    clock: { now: () => Date.now(), monotonic: () => performance.now() },
    timers: {
      after(delayMs, callback) {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      soon: (callback) => void setImmediate(callback),
    },
    ids: createManualRuntime({ seed, startMs: Date.now() }).ids,
    random: seededRandom(seed),
  };
}
