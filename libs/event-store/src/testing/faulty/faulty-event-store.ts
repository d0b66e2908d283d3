import type { Runtime } from '@tutti/kernel';
import type { CreateEventStoreHarness } from '../contract/contract-case.js';
import type { InMemoryLog, MemoryEventStore } from '../../in-memory/in-memory-event-store.js';
import { inMemoryHarness } from '../in-memory-harness.js';

/** A store that breaks one guarantee on purpose, to show that the contract notices. */
export interface FaultyEventStore {
  /** What it does wrong. */
  readonly name: string;
  /** Name of the contract case that must reject it. */
  readonly rejectedBy: string;
  readonly createHarness: CreateEventStoreHarness;
}

type FaultyStoreClass = new (runtime: Runtime, log: InMemoryLog) => MemoryEventStore;

/** One fault per class, each rejected by the same case. */
export function rejectedBy(
  contractCase: string,
  faults: Readonly<Record<string, FaultyStoreClass>>,
  emptyLog?: () => InMemoryLog,
): readonly FaultyEventStore[] {
  return Object.entries(faults).map(([name, Store]) => ({
    name,
    rejectedBy: contractCase,
    createHarness: inMemoryHarness((runtime, log) => new Store(runtime, log), emptyLog),
  }));
}
