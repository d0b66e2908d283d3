import type { TaskPermit } from '@tutti/contracts';
import type { PermitPool } from './permit-pool.js';

interface Part {
  readonly pool: PermitPool;
  /** Of a rate: the window that the permit is of. */
  readonly windowStartsMs: number;
}
type Grant = readonly Part[];

/** A permit of an attempt that another owner answers for now. */
export interface Leaving {
  readonly pool: PermitPool;
  readonly runId: string;
  readonly attempt: string;
  /** When to see whether it is still out. */
  lookAtMs: number;
}

/**
 * Which attempt has which permits. An assignment under way is known by its list of permits, which goes into the event as it is; one that was
 * decided on, by run and attempt, so that loading the run again counts nothing twice.
 */
export class PermitHoldings {
  private readonly underWay = new Map<readonly TaskPermit[], Grant>();
  private readonly held = new Map<string, Map<string, Grant>>();
  private leaving: Leaving[] = [];

  /** @param onReturned called for each permit that came back to its pool */
  constructor(private readonly onReturned: (pool: PermitPool) => void) {}

  take(pools: readonly PermitPool[]): readonly TaskPermit[] {
    const permits = pools.map(({ limit, lease }) => ({ scope: limit.scope, lease }));
    this.underWay.set(
      permits,
      pools.map((pool) => ({ pool, windowStartsMs: pool.windowStartsMs })),
    );
    return permits;
  }

  giveBack(permits: readonly TaskPermit[]): void {
    const grant = this.underWay.get(permits);
    if (grant === undefined) return;
    this.underWay.delete(permits);
    this.putBack(grant, true);
  }

  hold(runId: string, attempt: string, permits: readonly TaskPermit[]): void {
    const grant = this.underWay.get(permits);
    if (grant === undefined) return;
    this.underWay.delete(permits);
    if (this.has(runId, attempt)) this.putBack(grant, true);
    else this.attempts(runId).set(attempt, grant);
  }

  unhold(runId: string, attempt: string, permits: readonly TaskPermit[]): void {
    const grant = this.remove(runId, attempt);
    if (grant !== undefined) this.underWay.set(permits, grant);
  }

  free(runId: string, attempt: string): void {
    const grant = this.remove(runId, attempt);
    if (grant !== undefined) this.putBack(grant, false);
  }

  has(runId: string, attempt: string): boolean {
    return this.held.get(runId)?.has(attempt) === true;
  }

  adopt(runId: string, attempt: string, pools: readonly PermitPool[]): void {
    this.attempts(runId).set(
      attempt,
      pools.map((pool) => ({ pool, windowStartsMs: pool.windowStartsMs })),
    );
  }

  keepOnly(runId: string, attempts: ReadonlyMap<string, unknown>): void {
    for (const attempt of [...(this.held.get(runId)?.keys() ?? [])]) if (!attempts.has(attempt)) this.free(runId, attempt);
  }

  letGo(runId: string, lookAtMs: number): void {
    for (const [attempt, grant] of this.held.get(runId) ?? []) {
      for (const { pool } of grant) if (!pool.isRate) this.leaving.push({ pool, runId, attempt, lookAtMs });
    }
    this.held.delete(runId);
  }

  /** Another owner took over permits of tasks that this one had let go. */
  adopted(pool: PermitPool, count: number): void {
    let left = count;
    this.leaving = this.leaving.filter((each) => {
      if (each.pool !== pool || left === 0) return true;
      left--;
      return false;
    });
    pool.used = Math.max(0, pool.used - (count - left));
    pool.held = Math.max(0, pool.held - count);
  }

  /** Those that nobody took over in time. */
  leavingSince(nowMs: number): readonly Leaving[] {
    return this.leaving.filter(({ lookAtMs }) => lookAtMs <= nowMs);
  }

  takeBack(leaving: Leaving): void {
    const index = this.leaving.indexOf(leaving);
    if (index < 0) return;
    this.leaving.splice(index, 1);
    this.comeBack(leaving.pool);
  }

  private putBack(grant: Grant, unused: boolean): void {
    for (const { pool, windowStartsMs } of grant) {
      // A rate's permit is spent once its attempt began, and with its window.
      if (!pool.isRate || (unused && windowStartsMs === pool.windowStartsMs)) this.comeBack(pool);
    }
  }

  private comeBack(pool: PermitPool): void {
    pool.used = Math.max(0, pool.used - 1);
    this.onReturned(pool);
  }

  private attempts(runId: string): Map<string, Grant> {
    let attempts = this.held.get(runId);
    if (attempts === undefined) this.held.set(runId, (attempts = new Map<string, Grant>()));
    return attempts;
  }

  private remove(runId: string, attempt: string): Grant | undefined {
    const attempts = this.held.get(runId);
    const grant = attempts?.get(attempt);
    if (attempts === undefined || grant === undefined) return undefined;
    attempts.delete(attempt);
    if (attempts.size === 0) this.held.delete(runId);
    return grant;
  }
}
