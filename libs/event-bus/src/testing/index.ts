export { describeEventBusContract, eventBusContract } from './event-bus-contract.js';
export type { EventBusContractCase, EventBusHarness } from './event-bus-harness.js';
export type { FaultyEventBus } from './faulty-event-bus.js';
export { FAULTY_EVENT_BUSES } from './faulty-event-buses.js';
export { createInMemoryEventBus, type BusRecords, type InMemoryEventBus } from '../in-memory/in-memory-event-bus.js';
export { createInMemoryHarness } from './in-memory-harness.js';
