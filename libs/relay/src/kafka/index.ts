export { openKafkaRelay, type KafkaRelayOptions } from './kafka-relay.js';
