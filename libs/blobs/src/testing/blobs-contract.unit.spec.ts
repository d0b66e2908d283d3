import { describe, expect, it } from '@jest/globals';
import { blobsContract, describeBlobsContract } from './blobs-contract.js';
import { FAULTY_BLOBS } from './faulty-blobs.js';
import { createInMemoryBlobsHarness } from './in-memory-harness.js';

describeBlobsContract('blobs in memory', createInMemoryBlobsHarness);

describe('the blobs contract', () => {
  it.each(FAULTY_BLOBS)('rejects blobs that $fault', async ({ Adapter, rejectedBy }) => {
    const noticing = blobsContract.find(({ name }) => name === rejectedBy);
    expect(noticing).toBeDefined();
    const harness = await createInMemoryBlobsHarness(Adapter);
    if (noticing !== undefined) await expect(noticing.run(harness)).rejects.toThrow();
    await harness.close();
  });

  it('has faulty blobs for each of its cases', () => {
    const noticed = new Set(FAULTY_BLOBS.map(({ rejectedBy }) => rejectedBy));
    expect(blobsContract.map(({ name }) => name).filter((name) => !noticed.has(name))).toEqual([]);
  });
});
