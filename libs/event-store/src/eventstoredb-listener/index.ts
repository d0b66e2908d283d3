export { listenAsEventStoreDb, type EventStoreDbListener, type EventStoreDbListenerOptions } from './eventstoredb-listener.js';
