import { createHash } from 'node:crypto';
import { isTuttiError, type Clock, type TuttiError } from '@tutti/kernel';
import type { Authenticator, Carried, Credentials, GuardableAuthenticator } from '../access/authenticator.js';
import type { Principal } from '../access/principal.js';
import type { LimitsConfig } from './limits.config.js';
import { rateLimited } from './rate-limits.js';
import { addressKey } from './remote-address.js';
import { TokenBuckets } from './token-buckets.js';

const MOST_REMEMBERED = 1_000;

/**
 * Makes guessing slow: each unknown credential takes one of the few tries of its address, and without any left nothing from there that somebody may guess is looked at. Nobody is shut out by
 * what another does on the same machine or behind the same proxy: who was let in before goes on being looked at, and so do keys, sessions and signed tokens, new ones too. A program that goes on
 * with one wrong credential takes but one try.
 */
export class GuardedAuthenticator implements Authenticator {
  private readonly tries: TokenBuckets;
  /** Hashes of credentials that were good when they were last seen. */
  private readonly good = new RecentNames(MOST_REMEMBERED);
  /** The same of those that were not. */
  private readonly bad = new RecentNames(MOST_REMEMBERED);

  constructor(
    private readonly inner: GuardableAuthenticator,
    private readonly config: Pick<LimitsConfig, 'failedTries' | 'maxBuckets'>,
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.tries = new TokenBuckets(config.maxBuckets, clock);
  }

  /** @throws TuttiError RATE_LIMITED, and what the authenticator behind it throws */
  async authenticate(credentials: Credentials): Promise<Principal> {
    const carried = this.inner.carried(credentials);
    // Carrying nothing is no guess.
    if (carried === null) return this.inner.authenticate(credentials);
    const { failedTries } = this.config;
    const address = addressKey(credentials.address);
    const name = hashOf(carried);
    const { left, nextMs } = this.tries.look(address, failedTries);
    const isShut = left < 1 && !this.good.has(name);
    const shut = (): TuttiError => rateLimited('too many unknown credentials came from this address', nextMs);
    if (isShut && carried.canBeGuessed) throw shut();
    try {
      const principal = await this.inner.authenticate(credentials);
      this.good.add(name);
      this.bad.delete(name);
      return principal;
    } catch (error) {
      if (!isTuttiError(error, 'UNAUTHENTICATED')) throw error;
      this.good.delete(name);
      if (isShut) throw shut();
      if (!this.bad.has(name)) this.tries.take(address, failedTries);
      this.bad.add(name);
      throw error;
    }
  }
}

/** So many, the first forgotten first. */
class RecentNames {
  private readonly names = new Set<string>();

  constructor(private readonly most: number) {}

  has(name: string): boolean {
    return this.names.has(name);
  }

  add(name: string): void {
    if (this.names.has(name)) return;
    this.names.add(name);
    const [oldest] = this.names;
    if (this.names.size > this.most && oldest !== undefined) this.names.delete(oldest);
  }

  delete(name: string): void {
    this.names.delete(name);
  }
}

function hashOf({ text }: Carried): string {
  return createHash('sha256').update(text).digest('base64');
}
