import type { LimitEvent } from '@tutti/contracts';
import { assertNever, isoTime, type Decider } from '@tutti/kernel';
import { evolveLimit, heldBy, heldByAll, initialLimitState, reservedBy, reservedByAll, type LimitState } from './limit.state.js';

/** Every count is what the lease is to hold in all, so that a command that comes twice does no more than once. */
export type LimitCommand =
  | {
      readonly type: 'ReservePermits';
      readonly scope: string;
      readonly lease: string;
      readonly want: number;
      readonly limit: number;
      /** Null for a concurrency. */
      readonly window: { readonly startsMs: number; readonly perMs: number } | null;
      readonly expiresMs: number;
      /** Leases that the owner has seen unchanged for their whole length. Their permits come back, unless they were settled in between. */
      readonly silent: readonly SilentLease[];
    }
  /** The owner is there, and keeps at most so many. */
  | { readonly type: 'SettlePermits'; readonly lease: string; readonly keep: number; readonly expiresMs: number }
  /** Takes over the permits of attempts that another owner assigned. */
  | { readonly type: 'AdoptPermits'; readonly lease: string; readonly attempts: readonly HeldAttempt[]; readonly expiresMs: number };

/** Known by the time it was to expire: settling changes that, whatever the clocks say. */
export interface SilentLease {
  readonly lease: string;
  readonly expiresMs: number;
}

export interface HeldAttempt {
  /** Unique over all runs. */
  readonly attempt: string;
  /** The lease that its assignment names. */
  readonly lease: string;
}

type Command<Type extends LimitCommand['type']> = Extract<LimitCommand, { readonly type: Type }>;

/**
 * The permits of one scope. After every event the permits of all leases, and the reservations of a window, are at most the limit
 * that the newest of them was asked under.
 */
export const limitDecider: Decider<LimitCommand, LimitState, LimitEvent> = {
  initialState: initialLimitState,
  evolve: evolveLimit,
  decide: (command, state) => {
    switch (command.type) {
      case 'ReservePermits':
        return command.window === null ? reserve(command, state) : reserveInWindow(command, command.window, state);
      case 'SettlePermits':
        return settle(command, state);
      case 'AdoptPermits':
        return adopt(command, state);
      default:
        return assertNever(command, 'limit command');
    }
  },
};

function reserve(command: Command<'ReservePermits'>, state: LimitState): readonly LimitEvent[] {
  const { scope, lease, want, limit, silent } = command;
  const missing = want - heldBy(state, lease);
  if (missing <= 0) return [];
  const expired: LimitEvent[] = [];
  let held = heldByAll(state);
  for (const { lease: other, expiresMs } of silent) {
    const found = state.leases.get(other);
    if (found === undefined || other === lease || found.expiresMs !== expiresMs) continue;
    expired.push({ type: 'PermitsExpired', data: { lease: other, count: found.count } });
    held -= found.count;
  }
  const count = Math.min(missing, limit - held);
  const expiresAt = laterThanBefore(state, lease, command.expiresMs);
  if (count > 0) return [...expired, { type: 'PermitsReserved', data: { scope, lease, count, limit, window: null, expiresAt } }];
  const isNews = expired.length > 0 || !state.awaiting.has(lease);
  return isNews ? [...expired, { type: 'PermitsAwaited', data: { lease } }] : [];
}

function reserveInWindow(
  { scope, lease, want, limit }: Command<'ReservePermits'>,
  { startsMs, perMs }: { readonly startsMs: number; readonly perMs: number },
  state: LimitState,
): readonly LimitEvent[] {
  // A clock that is behind would open a window again that is over.
  if (state.window !== null && startsMs < state.window.startsMs) return [];
  const count = Math.min(want - reservedBy(state, startsMs, lease), limit - reservedByAll(state, startsMs));
  if (count <= 0) return [];
  const window = { startsAt: isoTime(startsMs), perMs };
  return [{ type: 'PermitsReserved', data: { scope, lease, count, limit, window, expiresAt: isoTime(startsMs + perMs) } }];
}

function settle({ lease, keep, expiresMs }: Command<'SettlePermits'>, state: LimitState): readonly LimitEvent[] {
  const held = state.leases.get(lease);
  if (held === undefined) return [];
  if (keep <= 0) return [{ type: 'PermitsReleased', data: { lease, count: held.count } }];
  const count = Math.min(keep, held.count);
  if (count === held.count && expiresMs === held.expiresMs) return [];
  return [{ type: 'PermitsSettled', data: { lease, count, expiresAt: laterThanBefore(state, lease, expiresMs) } }];
}

function adopt({ lease, attempts, expiresMs }: Command<'AdoptPermits'>, state: LimitState): readonly LimitEvent[] {
  const expiresAt = laterThanBefore(state, lease, expiresMs);
  const taken = new Map<string, string[]>();
  for (const { attempt, lease: first } of attempts) {
    const from = state.adopted.get(attempt) ?? first;
    if (from === lease) continue;
    const some = taken.get(from) ?? [];
    if (some.length >= heldBy(state, from) || some.includes(attempt)) continue;
    some.push(attempt);
    taken.set(from, some);
  }
  return [...taken].map(([from, some]) => ({ type: 'PermitsAdopted', data: { from, lease, attempts: some, expiresAt } }));
}

/** A sign of life shows even when the owner's clock went back. */
function laterThanBefore(state: LimitState, lease: string, expiresMs: number): string {
  return isoTime(Math.max(expiresMs, (state.leases.get(lease)?.expiresMs ?? 0) + 1));
}
