import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1_000_000;

/** How late nine of ten turns of this thread's loop began since it was last asked, in milliseconds. */
export function measureLoopDelay(): { read(): number; stop(): void } {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return {
    read() {
      const delayMs = histogram.count === 0 ? 0 : histogram.percentile(90) / NANOSECONDS_PER_MS - RESOLUTION_MS;
      histogram.reset();
      return Math.max(0, delayMs);
    },
    stop: () => histogram.disable(),
  };
}
