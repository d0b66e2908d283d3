import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { TuttiError } from '@tutti/kernel';

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
const PREFIX = 'whsec_';
const MIN_SECRET_BYTES = 16;

/** The key of a secret in the form that Standard Webhooks gives it: base64, with or without `whsec_` in front; null when it is none. */
export function webhookKey(secret: string): Buffer | null {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : secret;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  const key = Buffer.from(text, 'base64');
  return key.length >= MIN_SECRET_BYTES ? key : null;
}

/**
 * Takes the same time whatever the signature.
 *
 * @throws TuttiError UNAUTHENTICATED unless the message was signed with the key, lately
 */
export function checkSignature({ id, timestamp, signature, body }: SignedMessage, key: Buffer, nowMs: number): void {
  if (id === '' || timestamp === '' || signature === '')
    throw refused('expected the headers webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks)');
  if (!/^\d{1,12}$/.test(timestamp)) throw refused('webhook-timestamp is no number of seconds since 1970');
  const skew = Math.floor(nowMs / 1_000) - Number(timestamp);
  if (Math.abs(skew) > TOLERANCE_SECONDS)
    throw refused(`webhook-timestamp is ${Math.abs(skew)} seconds ${skew > 0 ? 'old' : 'ahead'}; at most ${TOLERANCE_SECONDS} are taken`);
  const expected = digest(`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`);
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
