import type { Clock, Ids } from './runtime.js';

const HEX_DIGITS = '0123456789abcdef';
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
  let writtenMs = -1;
  let prefix = '';
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
      if (lastMs !== writtenMs) {
        writtenMs = lastMs;
        prefix = timePrefix(lastMs);
      }
      return prefix + formatRest(sequence, tail);
    },
  };
}

function timePrefix(ms: number): string {
  const time = ms.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7`;
}

function formatRest(sequence: number, tail: Uint8Array): string {
  const counted = `${HEX_DIGITS[sequence >> 8] ?? ''}${HEX[sequence & 0xff] ?? ''}-${hex(tail, 0)}${hex(tail, 1)}-`;
  return `${counted}${hex(tail, 2)}${hex(tail, 3)}${hex(tail, 4)}${hex(tail, 5)}${hex(tail, 6)}${hex(tail, 7)}`;
}

function hex(bytes: Uint8Array, index: number): string {
  return HEX[bytes[index] ?? 0] ?? '00';
}
