export { openEmbeddedEventBus, type EmbeddedEventBus, type EmbeddedEventBusOptions } from './embedded-event-bus.js';
export type { BacklogLimits } from './backlog.js';
export type { OnBusError } from './bus-storage.js';
export { highestPosition } from './highest-position.js';
