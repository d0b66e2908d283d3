import type { Cancel, Runtime } from '../runtime.js';
import { createUuidV7Source } from '../uuid-v7.js';
import { seededRandom } from './seeded-random.js';

export interface ManualRuntime extends Runtime {
  /** Moves the clock on and fires what falls due, in order of its time; lets promises settle between callbacks. */
  advance(ms: number): Promise<void>;
  /** Number of armed timers. */
  pending(): number;
}

interface Armed {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A runtime whose clock only moves when told to. `soon` still runs by itself, in a later turn of the real loop. */
export function createManualRuntime(options: { readonly startMs?: number; readonly seed?: number } = {}): ManualRuntime {
  const armed = new Set<Armed>();
  let now = options.startMs ?? Date.UTC(2026, 0, 1);
  let order = 0;
  const random = seededRandom(options.seed ?? 1);
  const clock = { now: () => now, monotonic: () => now };
  const fill = (bytes: Uint8Array) => bytes.forEach((_, index) => (bytes[index] = Math.floor(random.next() * 256)));
  return {
    clock,
    random,
    ids: createUuidV7Source(clock, fill),
    timers: {
      after(delayMs, callback): Cancel {
        const entry: Armed = { at: now + Math.max(0, delayMs), order: order++, callback };
        armed.add(entry);
        return () => armed.delete(entry);
      },
      soon: (callback) => void setImmediate(callback),
    },
    pending: () => armed.size,
    async advance(ms) {
      const until = now + ms;
      for (;;) {
        await settle();
        const due = [...armed].filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
        if (due === undefined) break;
        armed.delete(due);
        now = Math.max(now, due.at);
        due.callback();
      }
      now = until;
      await settle();
    },
  };
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
