import { TuttiError } from '@tutti/kernel';
import type { BlobHash } from './blobs.port.js';

const TENANT = /^[a-z0-9][a-z0-9-]{0,62}$/;
const HASH = /^[0-9a-f]{64}$/;

/** @throws TuttiError INVALID_REQUEST */
export function checkTenant(tenant: string): void {
  if (TENANT.test(tenant)) return;
  throw new TuttiError('INVALID_REQUEST', `tenant is ${JSON.stringify(tenant)}, expected 1 to 63 of a-z, 0-9 and hyphen, no hyphen first`);
}

/** @throws TuttiError INVALID_REQUEST */
export function checkHash(hash: BlobHash): void {
  if (isBlobHash(hash)) return;
  throw new TuttiError('INVALID_REQUEST', `blob hash is ${JSON.stringify(hash)}, expected 64 lower-case hex digits`);
}

export function isBlobHash(text: string): text is BlobHash {
  return HASH.test(text);
}
