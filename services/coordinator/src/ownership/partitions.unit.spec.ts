import { describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { PARTITIONS, partitionOf } from './partitions.js';

describe('partitionOf', () => {
  it('gives an id the same partition for ever', () => {
    expect(['', 'r1', '0192f0e4-0000-7000-8000-000000000000'].map(partitionOf)).toEqual([197, 14, 1]);
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
