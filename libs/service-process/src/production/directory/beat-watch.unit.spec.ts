import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BeatWatch } from './beat-watch.js';

const LEASE_MS = 3_000;

describe('the watch over signs of life', () => {
  let watch: BeatWatch;
  let nowMs: number;
  beforeEach(() => {
    watch = new BeatWatch(1_000);
    nowMs = 50_000;
  });

  const look = (afterMs: number, beats: Readonly<Record<string, number>>): void => {
    nowMs += afterMs;
    const found = Object.entries(beats).map(([_id, beat]) => ({ _id, beat, leaseMs: LEASE_MS }));
    watch.saw(found, nowMs, nowMs);
  };

  it('takes who does not beat for its lease for gone, and nobody who does', () => {
    for (let beat = 0; beat < 6; beat++) look(500, { silent: 7, alive: beat });
    expect([watch.isGone('silent'), watch.isGone('alive')]).toEqual([false, false]);
    look(500, { silent: 7, alive: 6 });
    expect([watch.isGone('silent'), watch.isGone('alive')]).toEqual([true, false]);
  });

  it('knows who was gone for there again with its next beat', () => {
    for (let looks = 0; looks < 10; looks++) look(500, { one: 1 });
    expect(watch.isGone('one')).toBe(true);
    look(500, { one: 2 });
    expect(watch.isGone('one')).toBe(false);
  });

  it('counts no time against others in which it could not look itself', () => {
    look(0, { one: 1 });
    look(60_000, { one: 1 });
    expect([watch.isGone('one'), watch.silentMs('one')]).toEqual([false, 1_000]);
  });

  it('takes who is not there at all for gone', () => {
    look(0, { one: 1 });
    look(10, {});
    expect([watch.isGone('one'), watch.isGone('never')]).toEqual([true, true]);
  });

  it('never takes anybody for gone before the lease has passed since the beat was written', () => {
    const looks = fc.array(fc.record({ afterMs: fc.nat(2_000), answerMs: fc.nat(500), beats: fc.boolean() }), { maxLength: 40 });
    fc.assert(
      fc.property(looks, (steps) => {
        const watched = new BeatWatch(1_000);
        let [at, beat, writtenMs] = [0, 0, 0];
        for (const { afterMs, answerMs, beats } of steps) {
          at += afterMs;
          // The latest that the database can have had it.
          if (beats) [beat, writtenMs] = [beat + 1, at + answerMs];
          watched.saw([{ _id: 'one', beat, leaseMs: LEASE_MS }], at, at + answerMs);
          at += answerMs;
          if (watched.isGone('one')) expect(at - writtenMs).toBeGreaterThanOrEqual(LEASE_MS);
        }
      }),
    );
  });
});
