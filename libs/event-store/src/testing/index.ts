export type { CreateEventStoreHarness, EventStoreContractCase, EventStoreHarness } from './contract/contract-case.js';
export { describeEventStoreContract, eventStoreContract } from './event-store-contract.js';
export { createInMemoryEventStore, InMemoryLog, type InMemoryEventStore } from '../in-memory/in-memory-event-store.js';
