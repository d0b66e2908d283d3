import { afterEach, beforeEach, describe, it } from '@jest/globals';
import { DEAD_LETTER_CASES } from './dead-letter-cases.js';
import { DELIVERY_CASES } from './delivery-cases.js';
import type { EventBusContractCase, EventBusHarness } from './event-bus-harness.js';
import { FORGETTING_CASES } from './forgetting-cases.js';
import { MEMBER_CASES } from './member-cases.js';
import { RESTART_CASES } from './restart-cases.js';
import { RETRY_CASES } from './retry-cases.js';

/** Every guarantee of the event bus port. The cases need no test runner: each rejects where its guarantee is broken. */
export const eventBusContract: readonly EventBusContractCase[] = [
  ...DELIVERY_CASES,
  ...MEMBER_CASES,
  ...FORGETTING_CASES,
  ...RETRY_CASES,
  ...DEAD_LETTER_CASES,
  ...RESTART_CASES,
];

/** Runs the contract on an adapter, each case on a harness of its own. */
export function describeEventBusContract(name: string, createHarness: () => Promise<EventBusHarness>): void {
  describe(`${name} keeps the event bus contract: it`, () => {
    let harness: EventBusHarness;
    beforeEach(async () => {
      harness = await createHarness();
    });
    afterEach(() => harness.close());
    it.each(eventBusContract)('$name', ({ run }) => run(harness));
  });
}
