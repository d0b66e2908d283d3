import { randomFillSync } from 'node:crypto';
import { createUuidV7Source, type Cancel, type Runtime } from '@tutti/kernel';

/** Longest delay that a Node timer takes; longer ones are armed in parts. */
const MAX_TIMER_MS = 2_147_483_647;
const RANDOM_POOL_BYTES = 4096;

/** The real clock, timers, ids and randomness of this process. */
export function createSystemRuntime(): Runtime {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  return {
    clock,
    timers: { after, soon: (callback) => void setImmediate(callback) },
    ids: createUuidV7Source(clock, pooledRandom()),
    random: { next: () => Math.random() },
  };
}

function after(delayMs: number, callback: () => void): Cancel {
  let timer: NodeJS.Timeout;
  const arm = (restMs: number): void => {
    const part = Math.min(restMs, MAX_TIMER_MS);
    timer = setTimeout(() => (restMs > part ? arm(restMs - part) : callback()), part);
  };
  arm(Math.max(0, Math.ceil(delayMs)));
  return () => clearTimeout(timer);
}

/** One system call per pool instead of one per id. */
function pooledRandom(): (bytes: Uint8Array) => void {
  const pool = new Uint8Array(RANDOM_POOL_BYTES);
  let used = pool.length;
  return (bytes) => {
    if (used + bytes.length > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    bytes.set(pool.subarray(used, used + bytes.length));
    used += bytes.length;
  };
}
