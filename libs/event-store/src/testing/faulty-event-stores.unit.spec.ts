import { describe, expect, it } from '@jest/globals';
import type { CreateEventStoreHarness, EventStoreContractCase } from './contract/contract-case.js';
import { eventStoreContract } from './event-store-contract.js';
import { faultyEventStores } from './faulty-event-stores.js';
import { inMemoryHarness } from './in-memory-harness.js';

/** A case that has not ended by then is waiting for what will never come; the longest of a correct store takes some hundred. */
const MAX_TURNS = 5_000;

describe('event store contract', () => {
  it.each(faultyEventStores)('rejects a store that $name', async ({ rejectedBy, createHarness }) => {
    const contractCase = eventStoreContract.find(({ name }) => name === rejectedBy);
    expect(contractCase).toBeDefined();
    await expect(passes(contractCase as EventStoreContractCase, createHarness)).resolves.toBe(false);
  });

  it.each(eventStoreContract)('has a faulty store for: $name', async (contractCase) => {
    expect(faultyEventStores.filter(({ rejectedBy }) => rejectedBy === contractCase.name)).not.toHaveLength(0);
    await expect(passes(contractCase, inMemoryHarness())).resolves.toBe(true);
  });

  it('names each faulty store once', () => {
    expect(new Set(faultyEventStores.map(({ name }) => name)).size).toBe(faultyEventStores.length);
  });
});

async function passes(contractCase: EventStoreContractCase, createHarness: CreateEventStoreHarness): Promise<boolean> {
  const harness = await createHarness();
  const passed = await Promise.race([
    contractCase.run(harness).then(
      () => true,
      () => false,
    ),
    turns(MAX_TURNS).then(() => false),
  ]);
  await Promise.race([harness.close(), turns(MAX_TURNS)]);
  return passed;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
