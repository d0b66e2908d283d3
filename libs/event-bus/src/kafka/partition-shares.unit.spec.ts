import { describe, expect, it } from '@jest/globals';
import { assignPartitions, type MemberClaims } from './partition-shares.js';

const member = (id: string, owned: readonly number[] = [], more: Partial<MemberClaims> = {}): MemberClaims => ({
  ...{ id, owned, busy: [], generation: 1 },
  ...more,
});
const FOUR = [0, 1, 2, 3];
const shares = (partitions: readonly number[], members: readonly MemberClaims[]) =>
  Object.fromEntries([...assignPartitions(partitions, members)].map(([id, share]) => [id, [...share].sort()]));

describe('the shares of a group’s members', () => {
  it('give everything to the only member', () => {
    expect(shares(FOUR, [member('a')])).toEqual({ a: FOUR });
  });

  it('give a newcomer nothing yet of what another has, and take from that one what must move', () => {
    expect(shares(FOUR, [member('a', FOUR), member('b')])).toEqual({ a: [0, 1], b: [] });
  });

  it('give the newcomer what was let go of', () => {
    expect(shares(FOUR, [member('a', [0, 1]), member('b')])).toEqual({ a: [0, 1], b: [2, 3] });
  });

  it('leave with a member what it has in hand, where something else can move', () => {
    expect(shares(FOUR, [member('a', FOUR, { busy: [3] }), member('b')])).toEqual({ a: [0, 3], b: [] });
  });

  it('move nothing where nothing must move', () => {
    const settled = [member('a', [1, 3]), member('b', [0]), member('c', [2])];
    expect(shares(FOUR, settled)).toEqual({ a: [1, 3], b: [0], c: [2] });
  });

  it('hand on what a member had that is gone', () => {
    expect(shares(FOUR, [member('b', [2, 3])])).toEqual({ b: FOUR });
  });

  it('believe the one that heard last where two claim the same', () => {
    const stale = member('a', FOUR, { generation: 4 });
    expect(shares(FOUR, [stale, member('b', [0, 1], { generation: 6 })])).toEqual({ a: [2, 3], b: [0, 1] });
  });

  it('come to within one of each other in a few rounds, whoever comes and goes', () => {
    const partitions = Array.from({ length: 12 }, (_, index) => index);
    let members = [member('a')];
    const rounds = (): Record<string, number[]> => {
      for (let round = 0; round < 3; round++) {
        const next = shares(partitions, members);
        members = members.map((each) => ({ ...each, owned: next[each.id] ?? [] }));
      }
      return Object.fromEntries(members.map(({ id, owned }) => [id, [...owned]]));
    };
    for (const change of ['b', 'c', '-a', 'd', 'e', '-b', 'f', 'g']) {
      members = change.startsWith('-') ? members.filter(({ id }) => id !== change.slice(1)) : [...members, member(change)];
      const now = rounds();
      const counts = Object.values(now).map((share) => share.length);
      expect(
        Object.values(now)
          .flat()
          .sort((a, b) => a - b),
      ).toEqual(partitions);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    }
  });
});
