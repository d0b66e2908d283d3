import type { TaskLimit, TaskPermit } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { attemptName } from './attempt-name.js';
import { isOut } from './is-out.js';
import { LimitFollower } from './limit-follower.js';
import { LimitLedger } from './limit-ledger.js';
import type { LimitCommand } from './limit.decider.js';
import { PermitHoldings, type Leaving } from './permit-holdings.js';
import { PermitPool } from './permit-pool.js';

export interface PermitOptions {
  /** How long leased permits stay this owner's without a sign of life. */
  readonly leaseMs: number;
  /** Part of a limit that is leased at once when less would do, 0 to 1. */
  readonly batchShare: number;
}

interface PermitParts {
  readonly store: EventStore;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly options: PermitOptions;
}

/** What a run has out, as far as limits are concerned. */
interface OpenTask {
  readonly id: string;
  readonly attempt: number;
  readonly status: string;
  readonly limits: readonly TaskLimit[];
  readonly permits: readonly TaskPermit[] | null;
}

const RETRY_MS = 1_000;
/** A clock that went back may be set right again. */
const LOOK_AGAIN_MS = 30_000;
const MAX_ADOPTED_AT_ONCE = 500;

/**
 * The permits of this owner. Taking and giving back is done in memory, from what is leased; leasing is done behind, in batches, when tasks
 * wait. What is not leased, or whose lease this clock says is over, is never given.
 */
export class Permits {
  /** Called when a permit may be there for tasks that wait for this limit. */
  onFree: (limit: TaskLimit) => void = () => undefined;
  private readonly pools = new Map<string, PermitPool>();
  private readonly byStream = new Map<string, Set<PermitPool>>();
  private readonly holdings: PermitHoldings;
  private readonly ledger: LimitLedger;
  private readonly follower: LimitFollower;
  private readonly owner: string;
  private cancelSweep: Cancel | null = null;
  private closed = false;

  constructor(private readonly parts: PermitParts) {
    const { store, runtime, logger } = parts;
    this.owner = runtime.ids.next();
    this.ledger = new LimitLedger(store, runtime);
    this.holdings = new PermitHoldings((pool) => this.returned(pool));
    this.follower = new LimitFollower({
      ...{ store, logger, runtime },
      onAwaited: (stream, lease) => this.ofStream(stream, (pool) => pool.lease !== lease && this.yieldTo(pool)),
      onReturned: (stream, lease) => this.ofStream(stream, (pool) => pool.lease !== lease && this.ask(pool)),
      onAdopted: (stream, from, count) => this.ofStream(stream, (pool) => pool.lease === from && this.holdings.adopted(pool, count)),
    });
  }

  /** A permit of each limit, or none at all. */
  take(limits: readonly TaskLimit[]): readonly TaskPermit[] | null {
    if (this.exhausted(limits) !== null) return null;
    const pools = limits.map((limit) => this.pool(limit));
    for (const pool of pools) {
      pool.used++;
      pool.touched = true;
    }
    return this.holdings.take(pools);
  }

  /** The first limit that has no permit now. */
  exhausted(limits: readonly TaskLimit[]): TaskLimit | null {
    const exhausted = limits.find((limit) => !this.isFree(limit)) ?? null;
    if (exhausted !== null) this.seeToWindow(this.pool(exhausted));
    return exhausted;
  }

  /** Whoever waits is told when there are permits again, even if the clock went back before the window that they are of. */
  private seeToWindow(pool: PermitPool): void {
    if (pool.isRate && pool.demand > 0 && !pool.busy && pool.cancelRetry === null) this.askSoon(pool);
  }

  isFree(limit: TaskLimit): boolean {
    return this.availableIn(this.pool(limit)) > 0;
  }

  /** An assignment came to nothing. */
  giveBack(permits: readonly TaskPermit[]): void {
    this.holdings.giveBack(permits);
  }

  /** The attempt is part of a decision now; {@link free} gives back what it has. */
  hold(runId: string, attempt: string, permits: readonly TaskPermit[]): void {
    this.holdings.hold(runId, attempt, permits);
  }

  /** The decision could not be stored, and is made again: the permits are those of an assignment under way once more. */
  unhold(runId: string, attempt: string, permits: readonly TaskPermit[]): void {
    this.holdings.unhold(runId, attempt, permits);
  }

  /** The attempt has ended, durably. */
  free(runId: string, attempt: string): void {
    this.holdings.free(runId, attempt);
  }

  /** A run was loaded, or turned out to be over: of it exactly these tasks are out. */
  reconcile(runId: string, tasks: Iterable<OpenTask>): void {
    const out = new Map<string, OpenTask>();
    for (const task of tasks) if (task.status === 'assigned' && task.permits !== null) out.set(attemptName(task.id, task.attempt), task);
    this.holdings.keepOnly(runId, out);
    for (const [attempt, { limits, permits }] of out) {
      if (!this.holdings.has(runId, attempt)) this.holdings.adopt(runId, attempt, this.adopt(runId, attempt, limits, permits ?? []));
    }
  }

  /** Another owner answers for the run. Its permits stay out until that one has taken them over, or the log says that its attempts have ended. */
  letGo(runId: string): void {
    for (const pool of this.pools.values()) {
      if (pool.toAdopt.length > 0) pool.toAdopt = pool.toAdopt.filter((each) => each.runId !== runId);
    }
    this.holdings.letGo(runId, this.parts.runtime.clock.monotonic() + this.parts.options.leaseMs);
  }

  /** A task waits, or no longer does. */
  demand(limits: readonly TaskLimit[], change: 1 | -1): void {
    for (const limit of limits) {
      const pool = this.pool(limit);
      pool.demand = Math.max(0, pool.demand + change);
      if (change > 0) this.askSoon(pool);
    }
  }

  /** How much of the limit is out here; for people. */
  usage(limit: TaskLimit): { readonly used: number; readonly held: number; readonly windowEndsMs: number } {
    const { used, held, windowEndsMs } = this.pool(limit);
    return { used, held, windowEndsMs };
  }

  /** Hands back what no task has, and asks for nothing more. */
  async close(): Promise<void> {
    await this.abandon();
    const idle = [...this.pools.values()].filter((pool) => !pool.isRate && !pool.busy && pool.held > pool.used);
    await Promise.allSettled(idle.map((pool) => this.ledger.handle(pool.limit.scope, this.settling(pool, pool.used))));
  }

  /** Asks for nothing more, and leaves what it holds to time, as a crash would. */
  async abandon(): Promise<void> {
    this.closed = true;
    this.cancelSweep?.();
    for (const pool of this.pools.values()) pool.cancelRetry?.();
    await this.follower.close();
  }

  private adopt(runId: string, attempt: string, limits: readonly TaskLimit[], permits: readonly TaskPermit[]): readonly PermitPool[] {
    const pools: PermitPool[] = [];
    limits.forEach((limit, index) => {
      if (limit.perMs !== null) return;
      const pool = this.pool(limit);
      pool.used++;
      pools.push(pool);
      const lease = permits[index]?.lease;
      if (lease !== undefined) pool.toAdopt.push({ runId, attempt: `${runId}/${attempt}`, lease });
      this.askSoon(pool);
    });
    return pools;
  }

  /** Once for all that this turn of the event loop still counts. */
  private askSoon(pool: PermitPool): void {
    if (pool.willAsk) return;
    pool.willAsk = true;
    this.parts.runtime.timers.soon(() => {
      pool.willAsk = false;
      this.ask(pool);
    });
  }

  private pool(limit: TaskLimit): PermitPool {
    const key = `${limit.limit} ${limit.scope}`;
    let pool = this.pools.get(key);
    if (pool === undefined) {
      pool = new PermitPool(limit, this.owner);
      this.pools.set(key, pool);
      const others = this.byStream.get(pool.stream);
      if (others === undefined) this.byStream.set(pool.stream, new Set([pool]));
      else others.add(pool);
      this.armSweep();
    }
    return pool;
  }

  private ofStream(stream: string, use: (pool: PermitPool) => void): void {
    for (const pool of this.byStream.get(stream) ?? []) use(pool);
  }

  private availableIn(pool: PermitPool): number {
    const { clock } = this.parts.runtime;
    this.roll(pool);
    return pool.available(clock.now(), clock.monotonic());
  }

  /** What was reserved in a window goes with it. Whoever finds that out while tasks wait asks anew. */
  private roll(pool: PermitPool): void {
    if (pool.roll(this.parts.runtime.clock.now()) && pool.demand > 0) this.askSoon(pool);
  }

  private returned(pool: PermitPool): void {
    if (this.closed) return;
    if (pool.contended && !pool.busy) this.yieldTo(pool);
    else if (this.availableIn(pool) > 0) this.onFree(pool.limit);
  }

  /** Another owner waits: it gets what is idle, or else the next permit that comes back. */
  private yieldTo(pool: PermitPool): void {
    const free = pool.held - pool.used;
    pool.contended = free <= 0 || pool.busy;
    if (pool.contended || this.closed || pool.isRate) return;
    void this.send(pool, this.settling(pool, pool.demand > 0 ? pool.held - 1 : pool.used));
  }

  private ask(pool: PermitPool): void {
    if (this.closed) return;
    if (pool.busy) {
      pool.askAgain = true;
      return;
    }
    pool.cancelRetry?.();
    pool.cancelRetry = null;
    const { runtime, options } = this.parts;
    const nowMs = runtime.clock.now();
    const expiresMs = nowMs + options.leaseMs;
    pool.roll(nowMs);
    const { lease, limit } = pool;
    if (pool.toAdopt.length > 0) {
      const attempts = pool.toAdopt.slice(0, MAX_ADOPTED_AT_ONCE);
      void this.send(pool, { type: 'AdoptPermits', lease, attempts, expiresMs });
      return;
    }
    const want = pool.wanted(Math.ceil(limit.limit * options.batchShare));
    if (want === null) {
      this.retryWhenDue(pool, null);
      return;
    }
    const window = limit.perMs === null ? null : { startsMs: pool.windowStartsMs, perMs: limit.perMs };
    const silent = pool.silent(runtime.clock.monotonic() - options.leaseMs);
    const asked = { scope: limit.scope, lease, want, limit: limit.limit, window, expiresMs, silent };
    void this.send(pool, { type: 'ReservePermits', ...asked });
  }

  private async send(pool: PermitPool, command: LimitCommand): Promise<void> {
    const { clock } = this.parts.runtime;
    const validUntilMs = clock.monotonic() + this.parts.options.leaseMs;
    let retryMs: number | null = null;
    pool.busy = true;
    pool.askAgain = false;
    // What is handed back is nobody's from now on, not from the answer on.
    if (command.type === 'SettlePermits') pool.held = Math.min(pool.held, command.keep);
    try {
      const outcome = await this.ledger.handle(pool.limit.scope, command);
      this.follower.start(outcome.position);
      if (command.type === 'AdoptPermits') pool.toAdopt = pool.toAdopt.filter((each) => !command.attempts.includes(each));
      pool.learn(outcome, validUntilMs, clock.monotonic());
      // Whoever waits gets the permit that was handed back just now before this owner asks for it again.
      if (command.type === 'SettlePermits') retryMs = RETRY_MS;
    } catch (error) {
      retryMs = RETRY_MS;
      this.parts.logger.debug('permits could not be asked for; it is tried again', { scope: pool.limit.scope, err: error });
    } finally {
      pool.busy = false;
    }
    if (this.closed) return;
    if (retryMs === null && (pool.askAgain || pool.toAdopt.length > 0)) this.ask(pool);
    else this.retryWhenDue(pool, retryMs);
    if (pool.contended) this.yieldTo(pool);
    if (this.availableIn(pool) > 0) this.onFree(pool.limit);
  }

  /** Others have what is missing: of a rate until the window ends, else until they hand it back, which the follower says, or are silent for too long. */
  private retryWhenDue(pool: PermitPool, retryMs: number | null): void {
    if (pool.cancelRetry !== null) return;
    const { clock, timers } = this.parts.runtime;
    if (pool.isRate && pool.demand > 0 && clock.now() < pool.windowStartsMs) {
      // The clock went back: what is held is of a window that is yet to come.
      pool.cancelRetry = timers.after(Math.min(LOOK_AGAIN_MS, pool.windowStartsMs - clock.now()), () => {
        pool.cancelRetry = null;
        if (this.availableIn(pool) > 0) this.onFree(pool.limit);
        else this.ask(pool);
      });
      return;
    }
    const isShort = pool.used + pool.demand > pool.held && (pool.held < pool.limit.limit || (pool.isRate && pool.demand > 0));
    if (!isShort && pool.toAdopt.length === 0) return;
    pool.cancelRetry = this.parts.runtime.timers.after(retryMs ?? this.untilOthersMayBeOver(pool), () => {
      pool.cancelRetry = null;
      this.ask(pool);
    });
  }

  private untilOthersMayBeOver(pool: PermitPool): number {
    const { clock } = this.parts.runtime;
    if (pool.isRate) return Math.max(1, pool.windowEndsMs - clock.now());
    const { leaseMs } = this.parts.options;
    return Math.max(RETRY_MS, (pool.silentSinceMs() ?? clock.monotonic()) + leaseMs - clock.monotonic());
  }

  private settling(pool: PermitPool, keep: number): LimitCommand {
    return { type: 'SettlePermits', lease: pool.lease, keep, expiresMs: this.parts.runtime.clock.now() + this.parts.options.leaseMs };
  }

  private armSweep(): void {
    if (this.closed || this.cancelSweep !== null) return;
    this.cancelSweep = this.parts.runtime.timers.after(this.parts.options.leaseMs / 3, () => {
      this.cancelSweep = null;
      this.sweep();
    });
  }

  /** Says of every lease that its owner is there, hands back what lay idle since the last time, and forgets pools that nobody needs. */
  private sweep(): void {
    for (const leaving of this.holdings.leavingSince(this.parts.runtime.clock.monotonic())) void this.lookAt(leaving);
    for (const [key, pool] of this.pools) {
      // Asks for nothing: a task may wait for its agent over many windows.
      pool.roll(this.parts.runtime.clock.now());
      if (pool.isIdle) {
        pool.cancelRetry?.();
        this.pools.delete(key);
        this.byStream.get(pool.stream)?.delete(pool);
        if (this.byStream.get(pool.stream)?.size === 0) this.byStream.delete(pool.stream);
      } else if (!pool.isRate && !pool.busy && pool.held > 0) {
        const keep = pool.touched || pool.demand > 0 ? pool.held : pool.used;
        pool.touched = false;
        void this.send(pool, this.settling(pool, keep));
      }
    }
    if (this.pools.size > 0) this.armSweep();
  }

  /** Nobody has taken the permit over so far: the new owner is away, or the attempt ended before it could. */
  private async lookAt(leaving: Leaving): Promise<void> {
    const { store, runtime, options } = this.parts;
    leaving.lookAtMs = runtime.clock.monotonic() + options.leaseMs;
    try {
      if (!(await isOut(store, leaving.runId, leaving.attempt)) && !this.closed) this.holdings.takeBack(leaving);
    } catch (error) {
      this.parts.logger.debug('it is not known whether a permit is still out; it is looked at again', { run: leaving.runId, err: error });
    }
  }
}
