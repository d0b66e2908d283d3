import type { Clock, Ids } from './runtime.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Monotonic UUIDv7 source (RFC 9562, section 6.2 method 1: the 12 bits after the time count up within one millisecond and
 * borrow from the next when they run out), so ids sort in the order they were given even when the clock stands or steps back.
 *
 * @param fillRandom fills the given bytes; cryptographic in production, seeded in simulation
 */
export function createUuidV7Source(clock: Pick<Clock, 'now'>, fillRandom: (bytes: Uint8Array) => void): Ids {
  let lastMs = 0;
  let sequence = 0;
  const tail = new Uint8Array(8);
  return {
    next() {
      const now = clock.now();
      if (now > lastMs) {
        lastMs = now;
        sequence = 0;
      } else if (++sequence > 0xfff) {
        lastMs += 1;
        sequence = 0;
      }
      fillRandom(tail);
      tail[0] = ((tail[0] ?? 0) & 0x3f) | 0x80;
      return formatUuid(lastMs, sequence, tail);
    },
  };
}

function formatUuid(ms: number, sequence: number, tail: Uint8Array): string {
  const time = ms.toString(16).padStart(12, '0');
  const hex = (index: number) => HEX[tail[index] ?? 0] ?? '00';
  const random = `${hex(2)}${hex(3)}${hex(4)}${hex(5)}${hex(6)}${hex(7)}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${sequence.toString(16).padStart(3, '0')}-${hex(0)}${hex(1)}-${random}`;
}
