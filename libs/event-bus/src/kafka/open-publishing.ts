import type { KafkaHealth } from './bus-health.js';
import { createBusCore } from './bus-core.js';
import type { KafkaEventBusOptions } from './kafka-options.js';
import type { OutgoingMessage } from './kafka-publisher.js';

/** Publishing alone, to views too: for a relay. */
export interface KafkaPublishing {
  /**
   * Resolves when every message is durable; messages of one key keep the order of the calls. When it rejects with STORE_UNAVAILABLE some may be there, or get there yet.
   * @throws TuttiError PAYLOAD_TOO_LARGE, OVERLOADED, STORE_UNAVAILABLE (retryable) when the broker stays away, INVALID_REQUEST, SHUTTING_DOWN
   */
  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  /** Makes what is not there. @throws TuttiError INVALID_CONFIG */
  ensureTopics(topics: readonly string[]): Promise<void>;
  health(): KafkaHealth;
  /** Sends what waits first. */
  close(): Promise<void>;
}

/** Connects with the first message. @throws TuttiError INVALID_CONFIG */
export function openKafkaPublishing(options: KafkaEventBusOptions): KafkaPublishing {
  const { publisher, topics, health, link } = createBusCore(options);
  return {
    publish: (topic, messages) => publisher.publish(topic, messages),
    ensureTopics: async (names) => {
      for (const name of names) await topics.ensure(name);
    },
    health: () => health.now(),
    async close() {
      await publisher.close();
      await link.close();
    },
  };
}
