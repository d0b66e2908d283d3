import type { Clock } from '@tutti/kernel';
import type { Rate } from './limits.config.js';

interface Bucket {
  tokens: number;
  atMs: number;
}

/** What a bucket holds after something was taken, or could not be. */
export interface Quota {
  readonly taken: boolean;
  /** Whole tokens left. */
  readonly left: number;
  /** Until there is one token again; 0 when there is one. */
  readonly nextMs: number;
  /** Until the bucket is full again. */
  readonly fullMs: number;
}

/**
 * Token buckets by name: each begins full, loses one with each request and fills up steadily. At most so many are kept; the one not used for longest is forgotten, which fills it.
 */
export class TokenBuckets {
  /** The one used last at the end. */
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    private readonly maxBuckets: number,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  get size(): number {
    return this.buckets.size;
  }

  take(name: string, rate: Rate): Quota {
    const bucket = this.filled(name, rate);
    const taken = bucket.tokens >= 1;
    if (taken) bucket.tokens -= 1;
    return quotaOf(bucket.tokens, rate, taken);
  }

  /** Without taking any. */
  look(name: string, rate: Rate): Quota {
    const bucket = this.buckets.get(name);
    return bucket === undefined ? quotaOf(rate.burst, rate, false) : quotaOf(this.tokensNow(bucket, rate), rate, false);
  }

  private filled(name: string, rate: Rate): Bucket {
    const known = this.buckets.get(name);
    const bucket = known ?? { tokens: rate.burst, atMs: this.clock.monotonic() };
    if (known !== undefined) {
      bucket.tokens = this.tokensNow(known, rate);
      bucket.atMs = this.clock.monotonic();
      this.buckets.delete(name);
    }
    this.buckets.set(name, bucket);
    const [oldest] = this.buckets.keys();
    if (this.buckets.size > this.maxBuckets && oldest !== undefined) this.buckets.delete(oldest);
    return bucket;
  }

  private tokensNow({ tokens, atMs }: Bucket, { perSecond, burst }: Rate): number {
    return Math.min(burst, tokens + ((this.clock.monotonic() - atMs) * perSecond) / 1_000);
  }
}

function quotaOf(tokens: number, { perSecond, burst }: Rate, taken: boolean): Quota {
  return {
    taken,
    left: Math.floor(tokens),
    nextMs: tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000),
    fullMs: Math.ceil(((burst - tokens) / perSecond) * 1_000),
  };
}
