import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { eventBusContract } from '../testing/event-bus-contract.js';
import type { EventBusContractCase } from '../testing/event-bus-harness.js';
import { createKafkaHarness } from './kafka-harness.js';

/** They wait for the broker most of the time, each on a prefix and a clock of its own. */
const AT_ONCE = 4;

describe('the bus on Kafka keeps the event bus contract: it', () => {
  const outcomes = new Map<EventBusContractCase, Promise<void>>();
  const running: Promise<void>[] = [];
  beforeAll(() => {
    const ends: Promise<unknown>[] = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    for (const [index, each] of eventBusContract.entries()) {
      const outcome = (ends[index % AT_ONCE] ?? Promise.resolve()).then(() => runOnItsOwn(each));
      outcomes.set(each, outcome);
      ends[index % AT_ONCE] = outcome.catch(() => {});
    }
    running.push(Promise.all(ends).then(() => {}));
  });
  afterAll(() => Promise.all(running));

  it.each(eventBusContract)('$name', (each) => outcomes.get(each));
});

async function runOnItsOwn({ run }: EventBusContractCase): Promise<void> {
  const harness = await createKafkaHarness();
  try {
    await run(harness);
  } finally {
    await harness.close();
  }
}
