import { beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import type { DirectoryView } from './directory-store.js';
import { Membership } from './membership.js';

const LEASE_MS = 6_000;
const POLL_MS = 500;
const EMPTY: DirectoryView = { members: [], seats: new Map(), table: null };

describe('a member of the directory', () => {
  let runtime: ManualRuntime;
  let membership: Membership;
  let isAway: boolean;
  let held: (() => void)[] | null;
  let wakes: number;
  let stoodMs: number;
  beforeEach(async () => {
    runtime = createManualRuntime();
    [isAway, held, wakes, stoodMs] = [false, null, 0, 0];
    const clock = { now: runtime.clock.now, monotonic: () => runtime.clock.monotonic() + stoodMs };
    membership = new Membership({
      store: {
        look: async () => {
          if (isAway) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
          if (held !== null) await new Promise<void>((resolve) => held?.push(resolve));
          return EMPTY;
        },
        putMember: async () => {
          if (isAway) throw new TuttiError('STORE_UNAVAILABLE', 'as the test says');
          return Promise.resolve();
        },
        dropMember: async () => Promise.resolve(),
      },
      who: { process: 'coordinator', host: 'here', pid: 1 },
      ...{ leaseMs: LEASE_MS, pollMs: POLL_MS, knownTable: () => 0, runtime: { ...runtime, clock }, logger: silentLogger },
    });
    membership.onWake(() => (wakes += 1));
    membership.begin();
    await runtime.advance(POLL_MS);
  });

  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) await runtime.advance(1_000);
  };

  it('is certain of its place while it beats and looks', async () => {
    await seconds(30);
    expect([membership.isCertain, membership.isAwake, wakes]).toEqual([true, true, 0]);
  });

  it('stays awake, but is certain no longer than its lease, while the database is away; and is so again with the first look after', async () => {
    isAway = true;
    await seconds(5);
    expect(membership.isCertain).toBe(true);
    await seconds(15);
    expect([membership.isCertain, membership.isAwake, wakes]).toEqual([false, true, 0]);
    isAway = false;
    await seconds(1);
    expect([membership.isCertain, membership.isAwake]).toEqual([true, true]);
  });

  it('does not take for news what it had asked before it was stopped', async () => {
    held = [];
    await runtime.advance(POLL_MS);
    const [answerOfBefore] = held;
    // It stood still, and when it goes on the answer is there before any of its timers.
    stoodMs = 3 * LEASE_MS;
    answerOfBefore?.();
    await runtime.advance(0);
    expect([held.length, membership.isAwake, membership.isCertain, wakes]).toEqual([2, false, false, 0]);
    held[1]?.();
    await runtime.advance(0);
    expect([membership.isAwake, membership.isCertain, wakes]).toEqual([true, true, 1]);
  });
});
