import type { Runtime } from '@tutti/kernel';
import type { Tracer } from './tracer.js';

/**
 * Timers whose callbacks belong to no trace: what was armed during a request and comes days later is no part of it. Whoever waits for a timer goes on in its own trace.
 */
export function detachTimers(runtime: Runtime, tracer: Tracer): Runtime {
  if (!tracer.enabled) return runtime;
  const { clock, ids, random, timers } = runtime;
  const detached = (callback: () => void) => (): void => tracer.within(null, callback);
  return {
    ...{ clock, ids, random },
    timers: {
      after: (delayMs, callback, upkeep) => timers.after(delayMs, detached(callback), upkeep),
      soon: (callback) => timers.soon(detached(callback)),
    },
  };
}
