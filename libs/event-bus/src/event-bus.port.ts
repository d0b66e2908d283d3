import type { JsonValue } from '@tutti/kernel';

/** What is published: the payload and the attributes that CloudEvents and routing need. */
export interface BusMessage {
  /** CloudEvents `id`; the same message published twice has the same id. */
  readonly id: string;
  /** CloudEvents `type`, like `tutti.task.assigned.v1`. */
  readonly type: string;
  /** Messages of one key are handled in the order they were published in, one at a time. */
  readonly key: string;
  /** Only this member of a group gets it; every member may when left out. */
  readonly member?: string;
  readonly payload: JsonValue;
  readonly traceparent?: string;
}

export interface Delivery extends BusMessage {
  readonly topic: string;
  /** Where in the topic, for logs and dead letters. Opaque, unique within the topic. */
  readonly offset: string;
  /** 1 for the first try within this process. A redelivery after a crash starts at 1 again. */
  readonly delivery: number;
}

export interface SubscribeOptions {
  readonly topic: string;
  /** Each message goes to one member of each group. */
  readonly group: string;
  /** Unique within the group. */
  readonly member: string;
  /** Most messages in hand at once, of different keys. Default 64. */
  readonly concurrency?: number;
  /** A handler that keeps rejecting is called this often before the message becomes a dead letter. Default 5. */
  readonly maxDeliveries?: number;
  /** Wait before the next delivery of a message whose handler rejected. Default 200 ms, doubled each time. */
  readonly retryDelayMs?: number;
  /** Where a group begins that has no position yet. Default `earliest`. */
  readonly start?: 'earliest' | 'latest';
  /** A message counts as handed over, and is not delivered to the group again, once the promise resolves. */
  readonly handle: (delivery: Delivery) => Promise<void>;
}

export interface BusSubscription {
  /** Takes no more, waits for what is in hand, keeps the group's position. */
  close(): Promise<void>;
}

/** A delivery that its handler rejected. */
export interface FailedDelivery {
  /** As the handler saw it: 1 again after a crash or a replay. */
  readonly delivery: number;
  readonly member: string;
  /** Message of the rejection, at most 2,000 characters. */
  readonly error: string;
  readonly time: string;
}

export interface DeadLetter extends BusMessage {
  readonly topic: string;
  readonly group: string;
  readonly offset: string;
  readonly deliveries: number;
  /** Message of the last rejection. */
  readonly error: string;
  /** When it became a dead letter. */
  readonly time: string;
  /** Its rejected deliveries, oldest first, also those before a close or a replay; the last 20. A kill may lose those of its last moments. */
  readonly attempts: readonly FailedDelivery[];
  /** Place among all dead letters of the bus; opaque. */
  readonly cursor: string;
}

export interface DeadLetterQuery {
  /** All topics when left out. */
  readonly topic?: string;
  /** All groups when left out. */
  readonly group?: string;
  /** Those behind the one with this cursor. */
  readonly after?: string;
  /** Default 1,000. */
  readonly limit?: number;
}

/** What could not be handled, kept until it is replayed or discarded. */
export interface DeadLetterBox {
  /** Oldest first. @throws TuttiError INVALID_REQUEST for a cursor that is none */
  list(query?: DeadLetterQuery): Promise<readonly DeadLetter[]>;
  get(topic: string, group: string, offset: string): Promise<DeadLetter | null>;
  /** Hands it to its group once more and forgets it as dead; its story goes on should it die again. False when there is none at that offset. */
  replay(topic: string, group: string, offset: string): Promise<boolean>;
  /** Forgets it for good. False when there is none at that offset. */
  discard(topic: string, group: string, offset: string): Promise<boolean>;
}

/**
 * Topics, groups and members.
 *
 * Guarantees: at least once to each group; per key in order, one at a time, also over retries (a message that waits for its retry holds back its key, nothing else); a
 * message for a member that is not there waits for it, and holds back nothing that is not for the same member. A message becomes a dead letter before its key goes on, and
 * in the same step {@link deadLetterTopic} gets a message of type {@link DEAD_LETTER} with the letter, without its cursor, as payload and the same key; letters of such topics make none.
 *
 * Not promised: exactly once; order between keys, nor, within a key, between messages for different members or for one and for any.
 */
export interface EventBus {
  /** Resolves when every message is durable. @throws TuttiError INVALID_REQUEST for a topic that is a view over recorded events: those are published by appending. */
  publish(topic: string, messages: readonly BusMessage[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<BusSubscription>;
  /** Members of a group that are subscribed now. */
  members(topic: string, group: string): Promise<readonly string[]>;
  /**
   * Drops what waits in a group for a member that will not come back; its dead letters stay. Again does no harm. What the group has not read yet, and what is published
   * later, waits for the member as before; after a kill, so may what was read last.
   * @throws TuttiError INVALID_REQUEST for a member that is subscribed now, or a name that is empty
   */
  forgetMember(topic: string, group: string, member: string): Promise<void>;
  readonly deadLetters: DeadLetterBox;
}
