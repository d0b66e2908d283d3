import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@tutti/kernel/testing';
import { OffsetLedger } from './offset-ledger.js';

describe('the ledger of a partition', () => {
  it('moves its low mark over what is done, in whatever order that happens', () => {
    const ledger = new OffsetLedger(10);
    ledger.done(12);
    ledger.done(11);
    expect([ledger.low, ledger.openBelow(13)]).toEqual([10, 1]);
    ledger.done(10);
    expect([ledger.low, ledger.openBelow(13)]).toEqual([13, 0]);
  });

  it('agrees with a plain set of numbers, also after it was written and read', () => {
    const random = seededRandom(7);
    const offsets = Array.from({ length: 70 }, (_, index) => index + 5);
    for (let round = 0; round < 50; round++) {
      const ledger = new OffsetLedger(5, 3);
      const done = new Set<number>();
      for (let step = 0; step < 30; step++) {
        const from = Math.floor(random.next() * 60);
        const to = from + Math.floor(random.next() * 8);
        ledger.done(from, to);
        for (let offset = from; offset < to; offset++) done.add(offset);
        const again = OffsetLedger.parse(ledger.low, ledger.metadata(1_000));
        const open = offsets.filter((offset) => !done.has(offset));
        const openIn = (read: OffsetLedger) => offsets.filter((offset) => !read.isDone(offset));
        const counted = [ledger.low, ledger.openBelow(75), again.start];
        expect([openIn(ledger), openIn(again), ...counted]).toEqual([open, open, open[0] ?? 75, open.length, 3]);
      }
    }
  });

  it('leaves out the last ranges where its metadata may not be longer', () => {
    const ledger = new OffsetLedger(0);
    for (let offset = 1; offset < 100; offset += 2) ledger.done(offset);
    const metadata = ledger.metadata(40);
    expect(metadata.length).toBeLessThanOrEqual(40);
    const read = OffsetLedger.parse(0, metadata);
    expect(read.isDone(1)).toBe(true);
    expect(read.isDone(99)).toBe(false);
    expect(read.openBelow(100)).toBeGreaterThan(50);
  });

  it.each([null, '', 'somebody else’s', '1;', '2;0;', '1;0;1.'])('takes metadata %j as a plain position', (metadata) => {
    const ledger = OffsetLedger.parse(7, metadata);
    expect([ledger.low, ledger.start, ledger.isDone(7)]).toEqual([7, 7, false]);
  });

  it('takes in what another has behind it', () => {
    const mine = new OffsetLedger(2);
    mine.done(8);
    const other = new OffsetLedger(4);
    other.done(6, 8);
    mine.include(other);
    expect([mine.low, [4, 5, 6, 7, 8, 9].map((offset) => mine.isDone(offset))]).toEqual([4, [false, false, true, true, true, false]]);
  });
});
