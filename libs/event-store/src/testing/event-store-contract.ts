import { describe, it } from '@jest/globals';
import { appendCases } from './contract/append-cases.js';
import type { CreateEventStoreHarness, EventStoreContractCase } from './contract/contract-case.js';
import { durabilityCases } from './contract/durability-cases.js';
import { idempotencyCases } from './contract/idempotency-cases.js';
import { readCases } from './contract/read-cases.js';
import { snapshotCases } from './contract/snapshot-cases.js';
import { subscriptionCases } from './contract/subscription-cases.js';

/** Every guarantee of the port, each with a case that a store which breaks it does not pass. */
export const eventStoreContract: readonly EventStoreContractCase[] = [
  ...appendCases,
  ...idempotencyCases,
  ...readCases,
  ...subscriptionCases,
  ...durabilityCases,
  ...snapshotCases,
];

/** Every adapter passes it, with a harness of its own and nothing else. */
export function describeEventStoreContract(name: string, createHarness: CreateEventStoreHarness): void {
  describe(`event store contract: ${name}`, () => {
    it.each(eventStoreContract)('$name', async (contractCase) => {
      const harness = await createHarness();
      try {
        await contractCase.run(harness);
      } finally {
        await harness.close();
      }
    });
  });
}
