export { DEAD_LETTER, deadLetterTopic } from './dead-letter-topic.js';
export type {
  BusMessage,
  BusSubscription,
  DeadLetter,
  DeadLetterBox,
  DeadLetterQuery,
  Delivery,
  EventBus,
  FailedDelivery,
  SubscribeOptions,
} from './event-bus.port.js';
export { Pace } from './pace.js';
export type { TopicView } from './topic-view.js';
