import { CircuitBreaker, type BreakerOptions } from './circuit-breaker.js';

/** How an attempt ended that an agent had. What gates say of a result does not count: the agent has given one. */
export type AttemptEnd =
  | { readonly kind: 'succeeded'; readonly durationMs: number }
  | {
      readonly kind: 'failed';
      readonly cause: 'error' | 'timeout' | 'lost';
      /** The task is tried again. */
      readonly retried: boolean;
    };

/** After so long what was seen counts half. */
const HALF_LIFE_MS = 10 * 60_000;
/** Of less than this nothing is said any more: the agent is as one that was never tried. */
const MIN_WEIGHT = 0.1;

/** What the router itself has seen of an agent, over all workers. Made again from nothing after a restart. */
export class AgentRecord {
  /** Why it gets no task, whoever hosts it; null when it may have one. */
  retired: 'deregistered' | 'paused' | null = null;
  readonly breaker: CircuitBreaker;
  private weight = 0;
  private failed = 0;
  private totalMs = 0;
  private seenMs = 0;

  constructor(
    readonly name: string,
    breaker: BreakerOptions,
  ) {
    this.breaker = new CircuitBreaker(breaker);
  }

  /** @param nowMs on the monotonic clock */
  note(end: AttemptEnd, nowMs: number): void {
    const kept = this.kept(nowMs);
    this.seenMs = nowMs;
    this.weight = this.weight * kept + 1;
    this.failed = this.failed * kept + (end.kind === 'failed' ? 1 : 0);
    this.totalMs = this.totalMs * kept + (end.kind === 'succeeded' ? end.durationMs : 0);
  }

  /** Average of successful attempts; `untried` when nothing recent is known, `never` when none succeeded. */
  averageMs(nowMs: number): number | 'untried' | 'never' {
    if (this.weight * this.kept(nowMs) < MIN_WEIGHT) return 'untried';
    const succeeded = this.weight - this.failed;
    return succeeded < MIN_WEIGHT ? 'never' : this.totalMs / succeeded;
  }

  /** Part of its attempts that failed, 0 to 1; an agent that nothing recent is known of has not failed. */
  failureShare(nowMs: number): number {
    const kept = this.kept(nowMs);
    return this.weight * kept < MIN_WEIGHT ? 0 : (this.failed * kept) / (this.weight * kept + 1);
  }

  private kept(nowMs: number): number {
    return 2 ** (-Math.max(0, nowMs - this.seenMs) / HALF_LIFE_MS);
  }
}
