import { describe, expect, it } from '@jest/globals';
import { describeEventBusContract, eventBusContract } from './event-bus-contract.js';
import type { EventBusContractCase } from './event-bus-harness.js';
import { FAULTY_EVENT_BUSES } from './faulty-event-buses.js';
import { createInMemoryHarness } from './in-memory-harness.js';
import type { MemoryEventBus } from '../in-memory/in-memory-event-bus.js';

describeEventBusContract('the bus in memory', createInMemoryHarness);

describe('the event bus contract', () => {
  it.each(FAULTY_EVENT_BUSES)('rejects a bus that $fault', async ({ Bus, rejectedBy }) => {
    const noticing = eventBusContract.find(({ name }) => name === rejectedBy);
    expect(noticing).toBeDefined();
    if (noticing !== undefined) await expect(runOn(Bus, noticing)).rejects.toMatchObject({ code: 'ERR_ASSERTION' });
  });

  it('has a faulty bus for each of its cases', () => {
    const noticed = new Set(FAULTY_EVENT_BUSES.map(({ rejectedBy }) => rejectedBy));
    expect(eventBusContract.map(({ name }) => name).filter((name) => !noticed.has(name))).toEqual([]);
  });
});

async function runOn(Bus: typeof MemoryEventBus, { run }: EventBusContractCase): Promise<void> {
  const harness = await createInMemoryHarness(Bus);
  try {
    await run(harness);
  } finally {
    await harness.close();
  }
}
