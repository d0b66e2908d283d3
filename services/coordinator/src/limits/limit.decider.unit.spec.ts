import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LimitEvent } from '@tutti/contracts';
import { fold, isoTime } from '@tutti/kernel';
import { limitDecider, type LimitCommand } from './limit.decider.js';
import { heldBy, heldByAll, reservedByAll, type LimitState } from './limit.state.js';

const SCOPE = 'concurrency.key:mail';
const reserved = (lease: string, count: number, expiresMs = 1_000): LimitEvent => ({
  type: 'PermitsReserved',
  data: { scope: SCOPE, lease, count, limit: 5, window: null, expiresAt: isoTime(expiresMs) },
});
const inWindow = (lease: string, count: number, startsMs: number): LimitEvent => ({
  type: 'PermitsReserved',
  data: { scope: SCOPE, lease, count, limit: 5, window: { startsAt: isoTime(startsMs), perMs: 100 }, expiresAt: isoTime(startsMs + 100) },
});
const ask = (lease: string, want: number, more: Partial<Extract<LimitCommand, { type: 'ReservePermits' }>> = {}): LimitCommand => ({
  ...{ type: 'ReservePermits', scope: SCOPE, lease, want, limit: 5, window: null, expiresMs: 1_000, silent: [] },
  ...more,
});
const silent = [{ lease: 'a', expiresMs: 50 }];
const expired = (lease: string, count: number): LimitEvent => ({ type: 'PermitsExpired', data: { lease, count } });
const awaited = (lease: string): LimitEvent => ({ type: 'PermitsAwaited', data: { lease } });
const attempts = (lease: string) => ['r/t#1', 'r/u#1'].map((attempt) => ({ attempt, lease }));
const adopted = (from: string, lease: string, ...names: readonly string[]): LimitEvent => ({
  type: 'PermitsAdopted',
  data: { from, lease, attempts: names, expiresAt: isoTime(2_000) },
});
const window = { startsMs: 100, perMs: 100 };

const cases: readonly (readonly [string, readonly LimitEvent[], LimitCommand, readonly LimitEvent[]])[] = [
  ['gives what was asked for while it is free', [reserved('a', 2)], ask('b', 3), [reserved('b', 3)]],
  ['gives no more than is left', [reserved('a', 4)], ask('b', 3), [reserved('b', 1)]],
  ['gives nothing for what the lease holds already', [reserved('a', 2)], ask('a', 2), []],
  ['records once that somebody waits', [reserved('a', 5)], ask('b', 1), [awaited('b')]],
  ['does not record again that somebody waits', [reserved('a', 5), awaited('b')], ask('b', 1), []],
  ['takes back what an owner did not settle in time', [reserved('a', 5, 50)], ask('b', 1, { silent }), [expired('a', 5), reserved('b', 1)]],
  ['leaves a lease alone that was settled since it was seen', [reserved('a', 5, 60)], ask('b', 1, { silent }), [awaited('b')]],
  ['never lets the lease expire that asks', [reserved('a', 4, 50)], ask('a', 5, { silent }), [reserved('a', 1)]],
  [
    'shows a sign of life though the clock went back',
    [reserved('a', 3, 5_000)],
    { type: 'SettlePermits', lease: 'a', keep: 3, expiresMs: 2_000 },
    [{ type: 'PermitsSettled', data: { lease: 'a', count: 3, expiresAt: isoTime(5_001) } }],
  ],
  ['goes by the limit of who asks', [reserved('a', 3)], ask('b', 5, { limit: 3 }), [awaited('b')]],
  [
    'prolongs a lease that settles',
    [reserved('a', 3)],
    { type: 'SettlePermits', lease: 'a', keep: 3, expiresMs: 2_000 },
    [{ type: 'PermitsSettled', data: { lease: 'a', count: 3, expiresAt: isoTime(2_000) } }],
  ],
  [
    'takes back what a lease does not keep',
    [reserved('a', 3)],
    { type: 'SettlePermits', lease: 'a', keep: 1, expiresMs: 2_000 },
    [{ type: 'PermitsSettled', data: { lease: 'a', count: 1, expiresAt: isoTime(2_000) } }],
  ],
  [
    'ends a lease that keeps nothing',
    [reserved('a', 3)],
    { type: 'SettlePermits', lease: 'a', keep: 0, expiresMs: 2_000 },
    [{ type: 'PermitsReleased', data: { lease: 'a', count: 3 } }],
  ],
  [
    'gives an expired lease nothing for settling',
    [reserved('a', 3), expired('a', 3)],
    { type: 'SettlePermits', lease: 'a', keep: 3, expiresMs: 9 },
    [],
  ],
  [
    'hands the permits of tasks on to who took them over',
    [reserved('a', 3)],
    { type: 'AdoptPermits', lease: 'b', attempts: attempts('a'), expiresMs: 2_000 },
    [{ type: 'PermitsAdopted', data: { from: 'a', lease: 'b', attempts: ['r/t#1', 'r/u#1'], expiresAt: isoTime(2_000) } }],
  ],
  [
    'hands on nothing that has expired',
    [reserved('a', 3), expired('a', 3)],
    { type: 'AdoptPermits', lease: 'b', attempts: attempts('a'), expiresMs: 9 },
    [],
  ],
  [
    'finds permits that changed hands before, though the assignment names who had them first',
    [reserved('a', 3), adopted('a', 'b', 'r/t#1')],
    { type: 'AdoptPermits', lease: 'c', attempts: attempts('a'), expiresMs: 2_000 },
    [adopted('b', 'c', 'r/t#1'), adopted('a', 'c', 'r/u#1')],
  ],
  ['fills a window to its limit', [inWindow('a', 3, 100)], ask('b', 4, { window }), [inWindow('b', 2, 100)]],
  ['gives nothing more in a full window', [inWindow('a', 5, 100)], ask('b', 1, { window }), []],
  ['begins each window with nothing taken', [inWindow('a', 5, 0)], ask('b', 5, { window }), [inWindow('b', 5, 100)]],
  ['does not open a window again that is over', [inWindow('a', 1, 200)], ask('b', 1, { window }), []],
];

describe('the permits of a scope', () => {
  it.each(cases)('%s', (_, given, when, then) => {
    expect(limitDecider.decide(when, fold(limitDecider, given))).toEqual(then);
  });

  it('asks again to be waited for once permits came back', () => {
    const state = fold(limitDecider, [
      reserved('a', 5),
      awaited('b'),
      { type: 'PermitsReleased', data: { lease: 'a', count: 1 } },
      reserved('c', 1),
    ]);
    expect(limitDecider.decide(ask('b', 1), state)).toEqual([awaited('b')]);
  });

  const LIMIT = 4;
  const lease = fc.constantFrom('a', 'b', 'c');
  const count = fc.integer({ min: 0, max: 6 });
  const nowMs = fc.integer({ min: 0, max: 200 });
  /** What is silent follows from the state, as an owner sees it. */
  const command: fc.Arbitrary<(state: LimitState) => LimitCommand> = fc.oneof(
    fc.record({ lease, want: count, nowMs, expire: fc.boolean() }).map(({ lease: by, want, nowMs: now, expire }) => (state: LimitState) => {
      const seen = expire ? [...state.leases].map(([other, { expiresMs }]) => ({ lease: other, expiresMs })) : [];
      return ask(by, want, { limit: LIMIT, expiresMs: now, silent: seen });
    }),
    fc.record({ lease, want: count, nowMs }).map(
      ({ lease: by, want, nowMs: now }) =>
        () =>
          ask(by, want, { limit: LIMIT, window: { startsMs: now - (now % 30), perMs: 30 } }),
    ),
    fc.record({ lease, keep: count, expiresMs: nowMs }).map((settling) => () => ({ type: 'SettlePermits' as const, ...settling })),
    fc
      .record({ from: lease, lease, names: fc.uniqueArray(fc.constantFrom('t', 'u', 'v', 'w')), expiresMs: nowMs })
      .map(({ from, lease: by, names, expiresMs }) => () => ({
        ...{ type: 'AdoptPermits' as const, lease: by, expiresMs },
        attempts: names.map((attempt) => ({ attempt, lease: from })),
      })),
  );

  it('never has more out than the limit, whatever owners ask in whatever order', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => {
        const perWindow = new Map<string, number>();
        let state = limitDecider.initialState();
        for (const each of commands) {
          for (const event of limitDecider.decide(each(state), state)) {
            state = limitDecider.evolve(state, event);
            if (event.type === 'PermitsReserved' && event.data.window !== null) {
              const { startsAt } = event.data.window;
              perWindow.set(startsAt, (perWindow.get(startsAt) ?? 0) + event.data.count);
            }
            expect(heldByAll(state)).toBeLessThanOrEqual(LIMIT);
          }
          expect(reservedByAll(state, state.window?.startsMs ?? 0)).toBeLessThanOrEqual(LIMIT);
        }
        for (const taken of perWindow.values()) expect(taken).toBeLessThanOrEqual(LIMIT);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does nothing for a command that comes again', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), command, (before, again) => {
        let state = limitDecider.initialState();
        for (const each of before) for (const event of limitDecider.decide(each(state), state)) state = limitDecider.evolve(state, event);
        const twice = again(state);
        for (const event of limitDecider.decide(twice, state)) state = limitDecider.evolve(state, event);
        const held = heldBy(state, twice.lease);
        for (const event of limitDecider.decide(twice, state)) state = limitDecider.evolve(state, event);
        expect(heldBy(state, twice.lease)).toBe(held);
      }),
      { numRuns: 500 },
    );
  });
});
