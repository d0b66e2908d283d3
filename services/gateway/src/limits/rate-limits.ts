import { TuttiError, type Clock } from '@tutti/kernel';
import type { LoadClass } from '@tutti/rest-contract';
import type { Principal } from '../access/principal.js';
import { rateOf, type LimitsConfig, type Rate } from './limits.config.js';
import { addressKey } from './remote-address.js';
import { TokenBuckets, type Quota } from './token-buckets.js';

/** What a request counts for. */
export interface Asked {
  /** The name that OpenAPI gives the route. */
  readonly route: string;
  readonly load: LoadClass;
  readonly principal: Principal | null;
  /** Counts for who has no credential. */
  readonly address: string | undefined;
}

export interface Standing {
  /** As `RateLimit-Policy` and `RateLimit` say it (draft-ietf-httpapi-ratelimit-headers-10). */
  readonly policy: string;
  readonly state: string;
}

/** How often one credential may ask at one route. */
export class RateLimits {
  private readonly buckets: TokenBuckets;

  constructor(
    private readonly config: LimitsConfig,
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.buckets = new TokenBuckets(config.maxBuckets, clock);
  }

  /** @throws TuttiError RATE_LIMITED, with how the caller stands in its details */
  take({ route, load, principal, address }: Asked): Standing {
    const { routes } = this.config;
    const own = Object.hasOwn(routes, route) ? routes[route] : undefined;
    const rate = own ?? rateOf(this.config, load);
    const quota = this.buckets.take(`${route} ${ownerOf(principal, address)}`, rate);
    const standing = standingOf(own === undefined ? load : 'route', rate, quota);
    if (quota.taken) return standing;
    const whose = principal === null ? 'this address' : principal.actor;
    throw rateLimited(`${whose} asks ${route} more often than ${rate.perSecond} times a second`, quota.nextMs, standing);
  }
}

export function rateLimited(message: string, nextMs: number, standing?: Standing): TuttiError {
  const retryAfterSeconds = Math.max(1, Math.ceil(nextMs / 1_000));
  return new TuttiError('RATE_LIMITED', `${message}; try again in ${retryAfterSeconds} s`, {
    details: { retryAfterSeconds, ...(standing === undefined ? {} : { policy: standing.policy, state: standing.state }) },
  });
}

/** Short-lived tokens are many, who carries them is one. */
export function ownerOf(principal: Principal | null, address: string | undefined): string {
  if (principal === null) return `address ${addressKey(address)}`;
  const { credential, actor } = principal;
  // A JWT's id is that of its issuer, whose users are many.
  const isShortLived = credential.kind === 'service-token' || credential.kind === 'jwt';
  return isShortLived ? `${credential.kind} ${actor}` : `${credential.kind} ${credential.id}`;
}

function standingOf(name: string, { perSecond, burst }: Rate, { left, fullMs }: Quota): Standing {
  const windowSeconds = Math.max(1, Math.ceil(burst / perSecond));
  return { policy: `"${name}";q=${burst};w=${windowSeconds}`, state: `"${name}";r=${left};t=${Math.ceil(fullMs / 1_000)}` };
}
