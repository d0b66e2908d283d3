export {
  MAX_APPEND_BYTES,
  type AppendResult,
  type EventFilter,
  type EventStore,
  type EventSubscription,
  type ExpectedRevision,
  type ReadOptions,
  type Snapshot,
  type SubscribeOptions,
} from './event-store.port.js';
