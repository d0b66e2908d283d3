export { checkExpectedRevision, checkRepeat, prepareAppend, type PreparedAppend } from './append-rules.js';
export { eventMatcher, type EventMatcher } from './event-filter.js';
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
export { handleCommand, type CommandHandling, type CommandOutcome, type SnapshotPolicy } from './handle-command.js';
