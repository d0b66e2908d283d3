import { hash } from 'node:crypto';
import { canonicalJson, type JsonValue } from './json.js';

/** Lower-case hex SHA-256 of a text (as UTF-8) or of bytes. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

/** Hash of a JSON value that does not depend on the order of its keys. Approvals and definitions are bound by it. */
export function hashJson(value: JsonValue): string {
  return sha256Hex(canonicalJson(value));
}
