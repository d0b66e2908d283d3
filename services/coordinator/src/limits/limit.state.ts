import type { LimitEvent } from '@tutti/contracts';
import { assertNever } from '@tutti/kernel';

const MAX_ADOPTED = 10_000;

/** Who holds the permits of one scope. Changed in place by `evolve`. */
export interface LimitState {
  /** Permits that come back, by lease; never 0. */
  readonly leases: Map<string, Lease>;
  /** The newest window of a rate; null before the first, and for a concurrency. */
  window: LimitWindow | null;
  /** Attempts whose permits changed hands, to the lease that has them now; the newest 10,000. */
  readonly adopted: Map<string, string>;
  /** Leases that found nothing since permits last came back. */
  readonly awaiting: Set<string>;
}

interface Lease {
  count: number;
  expiresMs: number;
}

interface LimitWindow {
  readonly startsMs: number;
  /** Reserved in this window, by lease. They do not come back. */
  readonly reserved: Map<string, number>;
}

export function initialLimitState(): LimitState {
  return { leases: new Map(), window: null, adopted: new Map(), awaiting: new Set() };
}

/** Applies one event, in place. Total: what does not fit is passed over, never thrown. */
export function evolveLimit(state: LimitState, event: LimitEvent): LimitState {
  switch (event.type) {
    case 'PermitsReserved': {
      const { lease, count, window, expiresAt } = event.data;
      state.awaiting.delete(lease);
      if (window === null) add(state, lease, count, Date.parse(expiresAt));
      else addToWindow(state, Date.parse(window.startsAt), lease, count);
      return state;
    }
    case 'PermitsAwaited':
      state.awaiting.add(event.data.lease);
      return state;
    case 'PermitsSettled': {
      const { lease, count, expiresAt } = event.data;
      const before = heldBy(state, lease);
      if (count < before) state.awaiting.clear();
      add(state, lease, count - before, Date.parse(expiresAt));
      return state;
    }
    case 'PermitsReleased':
    case 'PermitsExpired':
      state.awaiting.clear();
      add(state, event.data.lease, -event.data.count, 0);
      return state;
    case 'PermitsAdopted': {
      const { from, lease, attempts, expiresAt } = event.data;
      add(state, from, -attempts.length, 0);
      add(state, lease, attempts.length, Date.parse(expiresAt));
      for (const attempt of attempts) adopt(state, attempt, lease);
      return state;
    }
    default:
      return assertNever(event, 'limit event');
  }
}

export function heldBy(state: LimitState, lease: string): number {
  return state.leases.get(lease)?.count ?? 0;
}

export function heldByAll(state: LimitState): number {
  let held = 0;
  for (const { count } of state.leases.values()) held += count;
  return held;
}

export function reservedBy(state: LimitState, startsMs: number, lease: string): number {
  return state.window?.startsMs === startsMs ? (state.window.reserved.get(lease) ?? 0) : 0;
}

export function reservedByAll(state: LimitState, startsMs: number): number {
  if (state.window?.startsMs !== startsMs) return 0;
  let reserved = 0;
  for (const count of state.window.reserved.values()) reserved += count;
  return reserved;
}

function add(state: LimitState, lease: string, count: number, expiresMs: number): void {
  const held = state.leases.get(lease) ?? { count: 0, expiresMs: 0 };
  held.count += count;
  held.expiresMs = Math.max(held.expiresMs, expiresMs);
  if (held.count > 0) state.leases.set(lease, held);
  else state.leases.delete(lease);
}

function adopt({ adopted }: LimitState, attempt: string, lease: string): void {
  adopted.delete(attempt);
  adopted.set(attempt, lease);
  if (adopted.size <= MAX_ADOPTED) return;
  const oldest = adopted.keys().next().value;
  if (oldest !== undefined) adopted.delete(oldest);
}

function addToWindow(state: LimitState, startsMs: number, lease: string, count: number): void {
  if (state.window === null || state.window.startsMs < startsMs) state.window = { startsMs, reserved: new Map() };
  const { reserved } = state.window;
  reserved.set(lease, (reserved.get(lease) ?? 0) + count);
}
