export { openEventStoreDb, type EventStoreDbEventStore, type EventStoreDbOptions } from './eventstoredb-event-store.js';
export type { EventStoreDbState } from './server-connection.js';
