import { faultyAppends } from './faulty/faulty-appends.js';
import { faultyDurability } from './faulty/faulty-durability.js';
import type { FaultyEventStore } from './faulty/faulty-event-store.js';
import { faultyReads } from './faulty/faulty-reads.js';
import { faultyRepeats } from './faulty/faulty-repeats.js';
import { faultySubscriptions } from './faulty/faulty-subscriptions.js';

/** For every case of the contract at least one store that only that guarantee keeps out. */
export const faultyEventStores: readonly FaultyEventStore[] = [
  ...faultyAppends,
  ...faultyRepeats,
  ...faultyReads,
  ...faultySubscriptions,
  ...faultyDurability,
];
