import { beforeEach, describe, expect, it } from '@jest/globals';
import { PartitionIntake } from './partition-intake.js';
import { PartitionPauses } from './partition-pauses.js';

describe('the pauses of a member’s partitions', () => {
  const hooks = { onReady: () => {}, onCount: () => {}, onDropped: () => {}, onTaken: () => {}, maxBehindRetry: 16 };
  let paused: Set<number>;
  let pauses: PartitionPauses;
  let intakes: PartitionIntake[];
  beforeEach(() => {
    // As the client's consumer keeps them: over all that the group decides.
    paused = new Set();
    const reader = {
      pause: (partitions: readonly number[]) => partitions.forEach((partition) => paused.add(partition)),
      resume: (partitions: readonly number[]) => partitions.forEach((partition) => paused.delete(partition)),
    };
    pauses = new PartitionPauses(reader, 100);
    intakes = [0, 1].map((partition) => Object.assign(new PartitionIntake(partition, hooks), { active: true }));
  });

  it('are of all while the subscription has enough to do', () => {
    pauses.update(intakes, true);
    expect(paused).toEqual(new Set([0, 1]));
    pauses.update(intakes, false);
    expect(paused).toEqual(new Set());
  });

  it('are of the one of which too much is read and not handled, until a tenth of that is handled', () => {
    const [first] = intakes;
    if (first !== undefined) first.next = 101;
    pauses.update(intakes, false);
    expect(paused).toEqual(new Set([0]));
    first?.ledger.done(0, 10);
    pauses.update(intakes, false);
    expect(paused).toEqual(new Set([0]));
    first?.ledger.done(10, 11);
    pauses.update(intakes, false);
    expect(paused).toEqual(new Set());
  });

  it('are over when the member is thrown out and joins anew with the same consumer', () => {
    pauses.update(intakes, true);
    pauses.clear();
    pauses.update(intakes, false);
    expect(paused).toEqual(new Set());
  });
});
