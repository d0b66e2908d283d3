import assert from 'node:assert/strict';

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** By content: adapters may give a Buffer. */
export function sameBytes(found: Uint8Array, expected: Uint8Array): void {
  assert.ok(Buffer.compare(found, expected) === 0, `found ${found.length} bytes, expected ${expected.length} bytes of other content`);
}
