import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { childIdOf, PARTITIONS, partitionOf, rootOf } from './partitions.js';

describe('partitionOf', () => {
  it('gives an id the same partition for ever', () => {
    expect(['', 'r1', '0192f0e4-0000-7000-8000-000000000000'].map(partitionOf)).toEqual([197, 14, 1]);
  });

  it('keeps a child run, and its children, in the partition of the run that was started from outside', () => {
    const child = childIdOf('r1', '0123456789abcdef');
    const grandchild = childIdOf(child, 'fedcba9876543210');
    expect([child, grandchild]).toEqual(['r1~0123456789abcdef', 'r1~fedcba9876543210']);
    expect([child, grandchild].map(partitionOf)).toEqual([14, 14]);
    expect(['r1', child, grandchild].map(rootOf)).toEqual(['r1', 'r1', 'r1']);
  });

  it('spreads the ids that one source gives within a millisecond over all partitions', () => {
    const { ids } = createManualRuntime();
    const counts = new Array<number>(PARTITIONS).fill(0);
    for (let run = 0; run < 25_600; run++) {
      const partition = partitionOf(ids.next());
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(160);
  });
});
