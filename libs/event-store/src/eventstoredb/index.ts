export { openEventStoreDb, type EventStoreDbEventStore, type EventStoreDbOptions } from './eventstoredb-event-store.js';
