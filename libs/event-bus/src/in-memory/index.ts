export { createInMemoryEventBus, type BusRecords, type InMemoryEventBus } from './in-memory-event-bus.js';
