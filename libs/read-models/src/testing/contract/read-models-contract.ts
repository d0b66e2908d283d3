import { describe, it } from '@jest/globals';
import type { ReadModelsCase, ReadModelsHarness } from './contract-case.js';
import { documentCases } from './document-cases.js';
import { filterCases } from './filter-cases.js';
import { pageCases } from './page-cases.js';
import { refusalCases } from './refusal-cases.js';
import { stepCases } from './step-cases.js';
import { versionCases } from './version-cases.js';

/** What every adapter must do, without a test runner: a case throws where the adapter does not. */
export const readModelsContract: readonly ReadModelsCase[] = [
  ...documentCases,
  ...stepCases,
  ...filterCases,
  ...pageCases,
  ...refusalCases,
  ...versionCases,
];

/** Runs the contract under Jest, each case on a harness of its own. */
export function describeReadModelsContract(name: string, createHarness: () => Promise<ReadModelsHarness>): void {
  describe(`${name} keeps the contract of read models: it`, () => {
    it.each(readModelsContract)('$name', async ({ run }) => {
      const harness = await createHarness();
      try {
        await run(harness);
      } finally {
        await harness.close();
      }
    });
  });
}
