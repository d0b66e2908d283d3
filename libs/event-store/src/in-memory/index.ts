export { createInMemoryEventStore, InMemoryLog, type InMemoryEventStore } from './in-memory-event-store.js';
