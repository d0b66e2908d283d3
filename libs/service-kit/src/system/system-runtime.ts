import { randomFillSync } from 'node:crypto';
import { createUuidV7Source, type Cancel, type Runtime } from '@tutti/kernel';
import { delayInParts } from './delay-in-parts.js';

const RANDOM_POOL_BYTES = 4096;

/** The real clock, timers, ids and randomness of this process. */
export function createSystemRuntime(): Runtime {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  return {
    clock,
    timers: { after: (delayMs, callback) => delayInParts(nodeTimer, delayMs, callback), soon: (callback) => void setImmediate(callback) },
    ids: createUuidV7Source(clock, pooledRandom()),
    random: { next: () => Math.random() },
  };
}

function nodeTimer(delayMs: number, callback: () => void): Cancel {
  const timer = setTimeout(callback, delayMs);
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
