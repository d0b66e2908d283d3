import { createHmac } from 'node:crypto';

const FORM = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** Keys of `whsec_…` texts with spaces between; null where one is not such a text of 24 to 64 bytes. */
export function parseSecrets(text: string): readonly Uint8Array[] | null {
  const keys = text
    .trim()
    .split(/\s+/)
    .map((one) => Buffer.from(FORM.exec(one)?.[1] ?? '', 'base64'));
  return keys.every(({ length }) => length >= LEAST_BYTES && length <= MOST_BYTES) ? keys : null;
}

/** `webhook-signature` by Standard Webhooks: one `v1,…` for each key, over id, time and body. */
export function signatureOf(keys: readonly Uint8Array[], id: string, timestampSeconds: number, body: string): string {
  return keys.map((key) => `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`).digest('base64')}`).join(' ');
}
