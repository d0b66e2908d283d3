export { createRelay, type Relay, type RelayOptions } from './relay.js';
export {
  type RelayCheckpoints,
  type RelayLimits,
  type RelayLog,
  type RelayMessage,
  type RelayPublisher,
  type RelayRoute,
  type RelaySeat,
  type RoutedMessage,
} from './relay-ports.js';
export { RELAY_ROUTES } from './relay-routes.js';
export { type RelayFault, type RelayState, type RelayStatus, type StuckEvent } from './relay-state.js';
