export type { BusMessage, BusSubscription, DeadLetter, Delivery, EventBus, SubscribeOptions } from './event-bus.port.js';
export type { TopicView } from './topic-view.js';
