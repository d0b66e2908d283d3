import { TuttiError } from '@tutti/kernel';
import { isDeadLetterTopic } from '../dead-letter-topic.js';
import type { BusMessage, BusSubscription, DeadLetterBox, EventBus, SubscribeOptions } from '../event-bus.port.js';
import { checkForgotten, checkMessages, checkSubscription } from '../request-checks.js';
import { faultText } from './broker-fault.js';
import { createBusCore, type BusCore } from './bus-core.js';
import type { KafkaHealth } from './bus-health.js';
import { DeliveryCounts } from './delivery-counts.js';
import { forgetMember } from './forget-member.js';
import { groupId } from './group-names.js';
import type { KafkaSocketFactory } from './kafka-client.js';
import { KafkaDeadLetters } from './kafka-dead-letters.js';
import type { KafkaEventBusOptions } from './kafka-options.js';
import { KafkaSubscription } from './kafka-subscription.js';
import { isTopicNamed } from './topic-layout.js';

export interface KafkaEventBus extends EventBus {
  /** Whether the broker is reached; if not, by which parts, since when and why. Subscriptions come back by themselves. */
  health(): KafkaHealth;
  /** Makes what is not there. @throws TuttiError INVALID_CONFIG */
  ensureTopics(topics: readonly string[]): Promise<void>;
  /** Closes every subscription, so waits for what is in hand, sends what is to be sent, then lets go of the broker. */
  close(): Promise<void>;
}

/** Connects with the first call. @throws TuttiError INVALID_CONFIG */
export function createKafkaEventBus(options: KafkaEventBusOptions): KafkaEventBus {
  return new KafkaBus(createBusCore(options));
}

/** For tests: a bus whose connections can be cut. */
export function createKillableKafkaEventBus(options: KafkaEventBusOptions, socketFactory: KafkaSocketFactory): KafkaBus {
  return new KafkaBus(createBusCore(options, socketFactory));
}

export class KafkaBus implements KafkaEventBus {
  readonly deadLetters: DeadLetterBox;
  readonly #core: BusCore;
  readonly #letters: KafkaDeadLetters;
  readonly #counts = new DeliveryCounts();
  readonly #views: ReadonlySet<string>;
  readonly #subscriptions = new Map<string, KafkaSubscription>();
  #closing: Promise<void> | null = null;

  constructor(core: BusCore) {
    this.#core = core;
    this.#letters = new KafkaDeadLetters(core, (error) => this.#onError(error));
    this.#views = new Set(core.options.viewTopics);
    this.deadLetters = this.#letters;
  }

  async publish(topic: string, messages: readonly BusMessage[]): Promise<void> {
    this.#refuseWhenClosed();
    if (this.#views.has(topic)) {
      const found = `topic ${topic} is a view over recorded events: append the events`;
      throw new TuttiError('INVALID_REQUEST', `${found}, expected a topic that is no view`);
    }
    checkMessages(topic, messages);
    const forAny = this.#isAddressed(topic) ? messages.find(({ member }) => member === undefined) : undefined;
    if (forAny !== undefined)
      throw new TuttiError('INVALID_REQUEST', `message ${forAny.id} for ${topic} names no member, expected one: the topic is addressed`);
    await this.#core.publisher.publish(topic, messages);
  }

  async subscribe(options: SubscribeOptions): Promise<BusSubscription> {
    checkSubscription(options);
    const { topic, group, member } = options;
    const key = JSON.stringify([topic, group, member]);
    for (let before = this.#subscriptions.get(key); before !== undefined; before = this.#subscriptions.get(key)) {
      if (before.closing === null)
        throw new TuttiError('INVALID_REQUEST', `member ${member} of group ${group} on ${topic} is subscribed already`);
      await before.closing;
    }
    this.#refuseWhenClosed();
    const { core, letters, counts, onError } = {
      core: this.#core,
      letters: this.#letters,
      counts: this.#counts,
      onError: (error: unknown) => this.#onError(error, topic, group),
    };
    const isAddressed = this.#isAddressed(topic);
    const subscription = new KafkaSubscription(options, { core, letters, counts, isAddressed, onError });
    this.#subscriptions.set(key, subscription);
    try {
      await core.topics.ensure(topic);
      await subscription.start();
    } catch (error) {
      await this.#leave(key, subscription);
      throw error;
    }
    return { close: () => this.#leave(key, subscription) };
  }

  async members(topic: string, group: string): Promise<readonly string[]> {
    this.#refuseWhenClosed();
    const id = groupId(this.#core.prefix, topic, group);
    const { groups } = await this.#core.link.ask(`the members of group ${id}`, (admin) => admin.describeGroups([id]));
    return [...new Set((groups[0]?.members ?? []).map(({ clientId }) => clientId))];
  }

  async forgetMember(topic: string, group: string, member: string): Promise<void> {
    this.#refuseWhenClosed();
    checkForgotten(topic, group, member, false);
    const here = this.#subscriptions.get(JSON.stringify([topic, group, member]));
    if (here !== undefined) {
      checkForgotten(topic, group, member, here.closing === null);
      await here.forget();
      return;
    }
    checkForgotten(topic, group, member, (await this.members(topic, group)).includes(member));
    await this.#core.topics.ensure(topic);
    await forgetMember(this.#core, topic, group, member);
  }

  health(): KafkaHealth {
    return this.#core.health.now();
  }

  async ensureTopics(topics: readonly string[]): Promise<void> {
    for (const topic of topics) await this.#core.topics.ensure(topic);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  /** As a kill does: no handler is called any more, nothing is written. The broker learns of it by the silence. */
  kill(): void {
    this.#closing ??= Promise.resolve();
    for (const subscription of this.#subscriptions.values()) subscription.abandon();
    this.#core.publisher.abandon();
  }

  /** After {@link kill}: ends what the client still tries. */
  async disconnect(): Promise<void> {
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.disconnect()));
    await this.#letters.close();
    await this.#core.link.close();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map(([key, subscription]) => this.#leave(key, subscription)));
    await this.#letters.flush();
    await this.#core.publisher.close();
    await this.#letters.close();
    await this.#core.link.close();
  }

  async #leave(key: string, subscription: KafkaSubscription): Promise<void> {
    await subscription.close();
    if (this.#subscriptions.get(key) === subscription) this.#subscriptions.delete(key);
  }

  #onError(error: unknown, topic = '*', group = '*'): void {
    this.#core.log('warn', 'the event bus tries again what failed', { topic, group, reason: faultText(error) });
  }

  #isAddressed(topic: string): boolean {
    // Letters are for whoever acts on them, also where what died named a member.
    return !isDeadLetterTopic(topic) && (this.#core.options.addressedTopics ?? []).some((name) => isTopicNamed(topic, name));
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== null) throw new TuttiError('SHUTTING_DOWN', 'the event bus is closed');
  }
}
