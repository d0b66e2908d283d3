import { isoTime, TuttiError, type Clock } from '@tutti/kernel';
import type { BearerScheme } from '../authenticator.js';
import type { Principal } from '../principal.js';
import { hashOfSecret, isSameHash } from '../secret.js';
import type { KeyDirectory } from './key-directory.js';
import { readKey } from './key-secret.js';
import { secretValidUntil, type KnownKey } from './known-key.js';

interface KeySchemeParts {
  readonly directory: KeyDirectory;
  /** @throws TuttiError SHUTTING_DOWN until every key is known */
  readonly expectKnown: () => void;
  /** Told of every use, after the answer is known and out of the request’s way. */
  readonly onUse: (key: KnownKey, address: string) => void;
  readonly clock: Pick<Clock, 'now'>;
}

/** API keys as bearer tokens: `tutti_<id>_<secret>`. */
export class KeyScheme implements BearerScheme {
  readonly canBeGuessed = false;
  constructor(private readonly parts: KeySchemeParts) {}

  takes(token: string): boolean {
    return readKey(token) !== null;
  }

  async authenticate(token: string, address: string): Promise<Principal> {
    this.parts.expectKnown();
    const text = readKey(token);
    const key = text === null ? null : this.parts.directory.find(text.id);
    const hash = hashOfSecret(text?.secret ?? '');
    const generation = key === null ? null : generationOf(key, hash);
    if (key === null || generation === null) throw new TuttiError('UNAUTHENTICATED', 'the API key is not known');
    const until = secretValidUntil(key, generation);
    if (until !== null && until <= this.parts.clock.now()) throw new TuttiError('UNAUTHENTICATED', whyOver(key, until));
    this.parts.onUse(key, address);
    return {
      actor: keyActor(key),
      credential: { kind: 'api-key', id: key.id, generation },
      permissions: key.permissions,
      mayActAsOthers: false,
      expiresAtMs: until,
    };
  }
}

export function keyActor({ name }: Pick<KnownKey, 'name'>): string {
  return `key:${name}`;
}

/** Which of the key’s secrets has the hash; both are always compared. */
function generationOf({ secret, previous }: KnownKey, hash: string): number | null {
  const isCurrent = isSameHash(hash, secret.hash);
  const isPrevious = isSameHash(hash, previous?.hash ?? secret.hash) && previous !== null;
  if (isCurrent) return secret.generation;
  return isPrevious ? previous.generation : null;
}

/** Only who has the secret learns it. */
function whyOver(key: KnownKey, until: number): string {
  if (key.revoked !== null) return `the API key ${key.id} was revoked at ${isoTime(key.revoked.atMs)}`;
  if (until === key.expiresAtMs) return `the API key ${key.id} expired at ${isoTime(until)}`;
  return `the API key ${key.id} was rotated, and this secret held until ${isoTime(until)}`;
}
