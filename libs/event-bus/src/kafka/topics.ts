import { TuttiError } from '@tutti/kernel';
import type { BrokerLink } from './broker-link.js';
import type { KafkaLog } from './kafka-options.js';
import { checkTopicName, layoutOf, topicConfig, type TopicLayout, type TopicLayouts } from './topic-layout.js';

export interface TopicsOptions {
  readonly link: BrokerLink;
  readonly layouts: TopicLayouts;
  readonly maxMessageBytes: number;
  /** False where somebody else makes them. */
  readonly create: boolean;
  readonly log: KafkaLog;
}

/** Makes topics as their layout says, once each, when they are needed first. One that is there is left as it is. */
export class Topics {
  readonly #options: TopicsOptions;
  readonly #ensured = new Map<string, Promise<void>>();
  readonly #fixed = new Map<string, Partial<TopicLayout>>();

  constructor(options: TopicsOptions) {
    this.#options = options;
  }

  /** @throws TuttiError INVALID_REQUEST for a name that Kafka does not take, INVALID_CONFIG for a layout or a topic that is not there and may not be made */
  async ensure(topic: string, fixed: Partial<TopicLayout> = this.#fixed.get(topic) ?? {}): Promise<void> {
    let ensuring = this.#ensured.get(topic);
    if (ensuring === undefined) {
      this.#fixed.set(topic, fixed);
      ensuring = this.#ensure(topic, fixed);
      this.#ensured.set(topic, ensuring);
      ensuring.catch(() => this.#ensured.delete(topic));
    }
    await ensuring;
  }

  /** After the broker said that one of them is gone: somebody deleted it. @throws as {@link ensure} */
  async makeAnew(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) {
      this.#ensured.delete(topic);
      await this.ensure(topic);
    }
  }

  async #ensure(topic: string, fixed: Partial<TopicLayout>): Promise<void> {
    checkTopicName(topic);
    const { link, layouts, maxMessageBytes, create, log } = this.#options;
    const layout = { ...layoutOf(layouts, topic), ...fixed };
    const found = await this.#partitions(topic);
    if (found > 0) {
      if (found !== layout.partitions)
        log('info', 'a topic has other partitions than configured, and keeps them', { topic, found, configured: layout.partitions });
      return;
    }
    if (!create) throw new TuttiError('INVALID_CONFIG', `topic ${topic} is not there, expected it since making topics is switched off`);
    const made = await link.ask(`making topic ${topic}`, (admin) =>
      admin.createTopics({ topics: [topicConfig(topic, layout, maxMessageBytes)], waitForLeaders: true }),
    );
    if (made) log('info', 'a topic was made', { topic, ...layout });
  }

  async #partitions(topic: string): Promise<number> {
    const names = await this.#options.link.ask('the list of topics', (admin) => admin.listTopics());
    if (!names.includes(topic)) return 0;
    const { topics } = await this.#options.link.ask(`the partitions of ${topic}`, (admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    return topics[0]?.partitions.length ?? 0;
  }
}
