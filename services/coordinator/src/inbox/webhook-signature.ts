import { createHash, timingSafeEqual } from 'node:crypto';
import { TuttiError } from '@tutti/kernel';
import { signatureOf } from '../notifications/webhook/signature.js';

/** The headers of a message by Standard Webhooks; empty where one is missing. */
export interface SignedMessage {
  readonly id: string;
  /** Seconds since 1970, as sent. */
  readonly timestamp: string;
  /** Signatures with spaces between; those that begin with `v1,` count. */
  readonly signature: string;
  readonly body: string;
}

/** How far a message's time may be from now. */
export const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 20;
/**
 * Takes the same time whatever the signature.
 *
 * @throws TuttiError UNAUTHENTICATED unless the message was signed with the key, lately
 */
export function checkSignature({ id, timestamp, signature, body }: SignedMessage, key: Uint8Array, nowMs: number): void {
  if (id === '' || timestamp === '' || signature === '')
    throw refused('expected the headers webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks)');
  if (!/^[1-9]\d{0,11}$/.test(timestamp)) throw refused('webhook-timestamp is no number of seconds since 1970');
  const skew = Math.floor(nowMs / 1_000) - Number(timestamp);
  if (Math.abs(skew) > TOLERANCE_SECONDS)
    throw refused(`webhook-timestamp is ${Math.abs(skew)} seconds ${skew > 0 ? 'old' : 'ahead'}; at most ${TOLERANCE_SECONDS} are taken`);
  const expected = digest(signatureOf([key], id, Number(timestamp), body));
  let matches = false;
  for (const given of signature.split(' ').slice(0, MAX_SIGNATURES)) matches = timingSafeEqual(digest(given), expected) || matches;
  if (!matches) throw refused('the signature is not that of this webhook’s secret');
}

function refused(message: string): TuttiError {
  return new TuttiError('UNAUTHENTICATED', message);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
