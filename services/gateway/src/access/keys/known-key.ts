import type { AccessGrant, KeyEvent } from '@tutti/contracts';
import type { RecordedEvent } from '@tutti/kernel';
import type { Permission } from '@tutti/rest-contract';
import { permissionsOf } from '../grant.js';

interface KeySecret {
  readonly hash: string;
  /** Counted from 1. */
  readonly generation: number;
}

/** A key as the directory keeps it. Times are milliseconds since the epoch; null for "not so far", or "never". */
export interface KnownKey {
  readonly id: string;
  readonly name: string;
  readonly grant: AccessGrant;
  readonly permissions: ReadonlySet<Permission>;
  readonly secret: KeySecret;
  readonly previous: (KeySecret & { readonly untilMs: number }) | null;
  readonly createdAtMs: number;
  readonly createdBy: string;
  readonly expiresAtMs: number | null;
  readonly rotatedAtMs: number | null;
  readonly revoked: { readonly atMs: number; readonly by: string; readonly reason: string } | null;
  readonly used: { readonly atMs: number; readonly from: string } | null;
}

/** The key after the event; null where there is none. */
export function evolveKnownKey(key: KnownKey | null, recorded: RecordedEvent): KnownKey | null {
  const event = { type: recorded.type, data: recorded.data } as KeyEvent;
  const atMs = Date.parse(recorded.time);
  if (event.type === 'ApiKeyCreated') {
    const { id, name, grant, secretHash, expiresAt, createdBy } = event.data;
    return {
      ...{ id, name, grant, permissions: permissionsOf(grant), secret: { hash: secretHash, generation: 1 }, previous: null },
      ...{ createdAtMs: atMs, createdBy, expiresAtMs: expiresAt === null ? null : Date.parse(expiresAt) },
      ...{ rotatedAtMs: null, revoked: null, used: null },
    };
  }
  if (key === null) return null;
  switch (event.type) {
    case 'ApiKeyRotated': {
      const secret = { hash: event.data.secretHash, generation: key.secret.generation + 1 };
      return { ...key, secret, previous: { ...key.secret, untilMs: Date.parse(event.data.previousValidUntil) }, rotatedAtMs: atMs };
    }
    case 'ApiKeyRevoked':
      return { ...key, revoked: { atMs, by: event.data.revokedBy, reason: event.data.reason } };
    case 'ApiKeyUsed':
      return { ...key, used: { atMs: Date.parse(event.data.usedAt), from: event.data.address } };
    default:
      return key;
  }
}

export function keyStatus(key: KnownKey, nowMs: number): 'active' | 'expired' | 'revoked' {
  if (key.revoked !== null) return 'revoked';
  return key.expiresAtMs !== null && key.expiresAtMs <= nowMs ? 'expired' : 'active';
}

/** Until when a secret of the key holds, as things stand: 0 for one that does not any more, null for no end. */
export function secretValidUntil(key: KnownKey, generation: number): number | null {
  if (key.revoked !== null) return 0;
  if (generation === key.secret.generation) return key.expiresAtMs;
  if (generation !== key.previous?.generation) return 0;
  return Math.min(key.previous.untilMs, key.expiresAtMs ?? Infinity);
}
