export type { KafkaFault, KafkaHealth } from './bus-health.js';
export { createKafkaEventBus, type KafkaEventBus } from './kafka-event-bus.js';
export { createKafkaClient } from './kafka-client.js';
export { fromKafkaMessage, toKafkaMessage, type EncodedMessage, type EncodingOptions, type ReadMessage } from './kafka-message.js';
export type {
  KafkaConnection,
  KafkaEventBusOptions,
  KafkaLimits,
  KafkaLog,
  KafkaLogLevel,
  KafkaSasl,
  KafkaTimes,
  KafkaTls,
} from './kafka-options.js';
export type { OutgoingMessage } from './kafka-publisher.js';
export { openKafkaPublishing, type KafkaPublishing } from './open-publishing.js';
export type { TopicCleanup, TopicLayout, TopicLayouts } from './topic-layout.js';
