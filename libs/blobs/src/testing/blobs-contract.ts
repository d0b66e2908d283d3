import { afterEach, beforeEach, describe, it } from '@jest/globals';
import type { BlobsContractCase, BlobsHarness } from './blobs-harness.js';
import { SWEEP_CASES } from './sweep-cases.js';
import { VALUE_CASES } from './value-cases.js';

/** Every guarantee of the blobs port. The cases need no test runner: each rejects where its guarantee is broken. */
export const blobsContract: readonly BlobsContractCase[] = [...VALUE_CASES, ...SWEEP_CASES];

/** Runs the contract on an adapter, each case on a harness of its own. */
export function describeBlobsContract(name: string, createHarness: () => Promise<BlobsHarness>): void {
  describe(`${name} keep the blobs contract:`, () => {
    let harness: BlobsHarness;
    beforeEach(async () => {
      harness = await createHarness();
    });
    afterEach(() => harness.close());
    it.each(blobsContract)('$name', ({ run }) => run(harness));
  });
}
