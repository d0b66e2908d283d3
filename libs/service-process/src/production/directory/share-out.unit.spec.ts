import { describe, expect, it } from '@jest/globals';
import { PARTITIONS } from '@tutti/contracts';
import fc from 'fast-check';
import { shareOut } from './share-out.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const somebody = fc.subarray(NAMES, { minLength: 1 });
const table = fc.array(fc.option(fc.constantFrom(...NAMES, 'long-gone')), { minLength: PARTITIONS, maxLength: PARTITIONS });

const countOf = (owners: readonly (string | null)[], id: string): number => owners.filter((owner) => owner === id).length;
const moved = (before: readonly (string | null)[], after: readonly (string | null)[]): number =>
  before.filter((owner, partition) => owner !== after[partition]).length;

/** What no plan can do with less: partitions of nobody, and what is above the largest fair shares. */
function leastMoves(owners: readonly (string | null)[], present: readonly string[]): number {
  const least = Math.floor(owners.length / present.length);
  let oneMore = owners.length % present.length;
  let moves = owners.filter((owner) => owner === null || !present.includes(owner)).length;
  for (const id of [...present].sort((one, other) => countOf(owners, other) - countOf(owners, one))) {
    const share = oneMore > 0 ? least + 1 : least;
    oneMore -= 1;
    moves += Math.max(0, countOf(owners, id) - share);
  }
  return moves;
}

describe('shares of the partitions', () => {
  it('gives every partition to somebody who is there, in shares that differ by one at most', () => {
    fc.assert(
      fc.property(table, somebody, (owners, present) => {
        const shared = shareOut(owners, present);
        expect(shared).toHaveLength(PARTITIONS);
        expect(shared.every((owner) => owner !== null && present.includes(owner))).toBe(true);
        const counts = present.map((id) => countOf(shared, id));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('moves as few partitions as can be', () => {
    fc.assert(
      fc.property(table, somebody, (owners, present) => {
        expect(moved(owners, shareOut(owners, present))).toBe(leastMoves(owners, present));
      }),
    );
  });

  it('is the same for all who look at the same, and has nothing to do after it was done', () => {
    fc.assert(
      fc.property(table, somebody, (owners, present) => {
        const shared = shareOut(owners, present);
        expect(shareOut(owners, [...present].reverse())).toEqual(shared);
        expect(shareOut(shared, present)).toEqual(shared);
      }),
    );
  });

  it('takes from who stays only what a newcomer needs, however often others come and go', () => {
    fc.assert(
      fc.property(fc.array(somebody, { minLength: 1, maxLength: 30 }), (changes) => {
        let owners = shareOut(Array<string | null>(PARTITIONS).fill(null), ['a']);
        let before: readonly string[] = ['a'];
        for (const present of changes) {
          const next = shareOut(owners, present);
          const came = present.filter((id) => !before.includes(id)).length;
          for (const id of present.filter((one) => before.includes(one))) {
            const kept = owners.filter((owner, partition) => owner === id && next[partition] === id).length;
            const fair = Math.floor(PARTITIONS / present.length);
            expect(kept).toBeGreaterThanOrEqual(Math.min(countOf(owners, id), came === 0 ? countOf(owners, id) : fair));
          }
          for (const id of present) expect(countOf(next, id)).toBeGreaterThanOrEqual(Math.floor(PARTITIONS / present.length));
          [owners, before] = [next, present];
        }
      }),
    );
  });

  it('leaves all partitions to nobody when nobody is there', () => {
    expect(shareOut(['a', null, 'b'], [])).toEqual([null, null, null]);
  });
});
