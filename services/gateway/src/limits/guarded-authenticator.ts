import { createHash } from 'node:crypto';
import { isTuttiError, type Clock } from '@tutti/kernel';
import type { Authenticator, Credentials } from '../access/authenticator.js';
import type { Principal } from '../access/principal.js';
import type { LimitsConfig } from './limits.config.js';
import { rateLimited } from './rate-limits.js';
import { addressKey } from './remote-address.js';
import { TokenBuckets } from './token-buckets.js';

const MOST_REMEMBERED = 1_000;

/**
 * Makes guessing slow: each unknown credential takes one of the few tries of its address, and without any left nothing from there is looked at. Who was let in before goes on being
 * looked at, so that nobody is shut out by what another on the same machine tries.
 */
export class GuardedAuthenticator implements Authenticator {
  private readonly tries: TokenBuckets;
  /** Hashes of credentials that were good when they were last seen. */
  private readonly good = new Set<string>();

  constructor(
    private readonly inner: Authenticator,
    private readonly config: Pick<LimitsConfig, 'failedTries' | 'maxBuckets'>,
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.tries = new TokenBuckets(config.maxBuckets, clock);
  }

  /** @throws TuttiError RATE_LIMITED, and what the authenticator behind it throws */
  async authenticate(credentials: Credentials): Promise<Principal> {
    const { authorization, cookie } = credentials;
    // Carrying nothing is no guess.
    if (authorization === undefined && cookie === undefined) return this.inner.authenticate(credentials);
    const { failedTries } = this.config;
    const address = addressKey(credentials.address);
    const name = hashOf(credentials);
    if (!this.good.has(name)) {
      const { left, nextMs } = this.tries.look(address, failedTries);
      if (left < 1) throw rateLimited('too many unknown credentials came from this address', nextMs);
    }
    try {
      const principal = await this.inner.authenticate(credentials);
      this.remember(name);
      return principal;
    } catch (error) {
      if (isTuttiError(error, 'UNAUTHENTICATED')) {
        this.good.delete(name);
        this.tries.take(address, failedTries);
      }
      throw error;
    }
  }

  private remember(name: string): void {
    if (this.good.has(name)) return;
    this.good.add(name);
    const [oldest] = this.good;
    if (this.good.size > MOST_REMEMBERED && oldest !== undefined) this.good.delete(oldest);
  }
}

function hashOf({ authorization, cookie }: Credentials): string {
  return createHash('sha256')
    .update(authorization ?? `cookie ${cookie ?? ''}`)
    .digest('base64');
}
