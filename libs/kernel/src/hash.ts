import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue } from './json.js';

/** Lower-case hex SHA-256 of a text (as UTF-8) or of bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

const BYTES_PER_UNIT = 3;
const scratch = Buffer.allocUnsafe(64 * 1024);

/** {@link sha256Hex} of the texts one after the other, without making one text of them. */
export function sha256HexOfTexts(...texts: readonly string[]): string {
  let units = 0;
  for (const text of texts) units += text.length;
  if (units * BYTES_PER_UNIT > scratch.length) return sha256Hex(texts.join(''));
  let used = 0;
  for (const text of texts) used += scratch.write(text, used);
  return sha256Hex(scratch.subarray(0, used));
}

/** Hash of a JSON value that does not depend on the order of its keys. Approvals and definitions are bound by it. */
export function hashJson(value: JsonValue): string {
  return sha256Hex(canonicalJson(value));
}
