import type { Random } from '@tutti/kernel';
import type { IdGenerator } from '@opentelemetry/sdk-trace';

const WORD = 2 ** 32;

/** Ids of traces and spans from the runtime's chance. */
export function traceIds(random: Random): IdGenerator {
  const words = (count: number): string => {
    for (;;) {
      const hex = Array.from({ length: count }, () =>
        Math.floor(random.next() * WORD)
          .toString(16)
          .padStart(8, '0'),
      ).join('');
      // All zeros stand for no id.
      if (/[1-9a-f]/.test(hex)) return hex;
    }
  };
  return { generateTraceId: () => words(4), generateSpanId: () => words(2) };
}
