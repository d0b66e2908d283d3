import type { Cancel } from '@tutti/kernel';
import type { TaskLimit } from '@tutti/contracts';
import { limitStream, type LimitOutcome } from './limit-ledger.js';
import type { HeldAttempt, SilentLease } from './limit.decider.js';
import { heldBy, reservedBy } from './limit.state.js';

interface SeenLease {
  readonly expiresMs: number;
  /** Since when it is as it is, on this process's monotonic clock. */
  readonly sinceMs: number;
}

export interface AttemptToAdopt extends HeldAttempt {
  readonly runId: string;
}

/** What this owner has leased of one scope under one limit, and what of it is out. Counts only: the log is written by others. */
export class PermitPool {
  readonly stream: string;
  readonly lease: string;
  /** Leased, as the log says; of a rate, reserved in the current window. */
  held = 0;
  /** Out with tasks; of a rate, used in the current window. May be more than is held for a while: tasks of another owner that died. */
  used = 0;
  /** Tasks that wait for a permit, an agent or both. */
  demand = 0;
  /** Until when nobody else can have let the lease expire, on the monotonic clock. */
  validUntilMs = -Infinity;
  /** Of a rate; -Infinity before its first use. */
  windowStartsMs = -Infinity;
  /** A command is under way. */
  busy = false;
  /** More is wanted since then. */
  askAgain = false;
  /** Another owner waits for permits. */
  contended = false;
  /** Used since the lease was last settled. */
  touched = false;
  /** More is asked for at the end of this turn of the event loop. */
  willAsk = false;
  /** Attempts of other owners that are counted here, whose permits are still theirs. */
  toAdopt: AttemptToAdopt[] = [];
  cancelRetry: Cancel | null = null;
  private seen = new Map<string, SeenLease>();

  constructor(
    readonly limit: TaskLimit,
    owner: string,
  ) {
    this.stream = limitStream(limit.scope);
    this.lease = `${owner}/${limit.limit}`;
  }

  get isRate(): boolean {
    return this.limit.perMs !== null;
  }

  /** Opens the window that the time is in, with nothing reserved. A clock that went back opens none. True when it is a new one. */
  roll(nowMs: number): boolean {
    const { perMs } = this.limit;
    if (perMs === null || nowMs < this.windowEndsMs) return false;
    this.windowStartsMs = nowMs - (nowMs % perMs);
    this.held = 0;
    this.used = 0;
    return true;
  }

  get windowEndsMs(): number {
    return this.windowStartsMs + (this.limit.perMs ?? 0);
  }

  /** Permits that a task may have now. */
  available(nowMs: number, monotonicMs: number): number {
    const isValid = this.isRate ? nowMs >= this.windowStartsMs : monotonicMs < this.validUntilMs;
    return isValid ? Math.max(0, this.held - this.used) : 0;
  }

  /** How many the lease should hold in all; null while nothing more is needed or possible. */
  wanted(batch: number): number | null {
    const needed = this.used + this.demand;
    if (needed <= this.held || this.held >= this.limit.limit) return null;
    return Math.min(this.limit.limit, Math.max(needed, this.held + batch));
  }

  /**
   * Takes over what the log says after a command.
   *
   * @param validUntilMs counted from before the command was sent, so that whoever sees the lease unchanged from its event on ends later
   */
  learn({ state, events }: Pick<LimitOutcome, 'state' | 'events'>, validUntilMs: number, monotonicMs: number): void {
    if (this.isRate) {
      this.held = reservedBy(state, this.windowStartsMs, this.lease);
      return;
    }
    this.held = heldBy(state, this.lease);
    if (events.some(({ type, data }) => type !== 'PermitsAwaited' && data.lease === this.lease)) this.validUntilMs = validUntilMs;
    const before = this.seen;
    this.seen = new Map();
    for (const [lease, { expiresMs }] of state.leases) {
      const known = before.get(lease);
      if (lease !== this.lease) this.seen.set(lease, known?.expiresMs === expiresMs ? known : { expiresMs, sinceMs: monotonicMs });
    }
  }

  /** Leases of others that gave no sign of life for so long while this one looked. */
  silent(beforeMs: number): readonly SilentLease[] {
    return [...this.seen].filter(([, { sinceMs }]) => sinceMs <= beforeMs).map(([lease, { expiresMs }]) => ({ lease, expiresMs }));
  }

  /** Since when the longest-silent of the others is silent; null when there are none. */
  silentSinceMs(): number | null {
    return this.seen.size === 0 ? null : Math.min(...[...this.seen.values()].map(({ sinceMs }) => sinceMs));
  }

  get isIdle(): boolean {
    return !this.willAsk && this.used <= 0 && this.demand === 0 && !this.busy && (this.isRate || this.held === 0);
  }
}
