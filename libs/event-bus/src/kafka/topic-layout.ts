import { TuttiError } from '@tutti/kernel';
import type { ITopicConfig } from 'kafkajs';

export type TopicCleanup = 'delete' | 'compact' | 'compact,delete';

export interface TopicLayout {
  /** Most members of a group that work at once. Never changed on a topic that is there: keys would move. Default 12. */
  readonly partitions: number;
  /** Copies of each partition; must not be more than there are brokers. Default 1. */
  readonly replicationFactor: number;
  /** Copies that must have a message before it counts as published. Default 1. */
  readonly minInSyncReplicas: number;
  /** How long messages are kept, handled or not. Default 7 days. */
  readonly retentionMs: number;
  /** Default `delete`. */
  readonly cleanup: TopicCleanup;
}

export interface TopicLayouts {
  readonly defaults?: Partial<TopicLayout>;
  /** By name, or by its beginning where the name ends in `*`; the longest that fits counts. */
  readonly topics?: Readonly<Record<string, Partial<TopicLayout>>>;
}

const DEFAULT_LAYOUT: TopicLayout = {
  partitions: 12,
  replicationFactor: 1,
  minInSyncReplicas: 1,
  retentionMs: 7 * 24 * 60 * 60 * 1000,
  cleanup: 'delete',
};

/** A batch carries its own header and those of its records. */
const BATCH_OVERHEAD_BYTES = 64 * 1024;
/** What the broker takes as a topic's name. */
const TOPIC_NAME = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

/** @throws TuttiError INVALID_CONFIG */
export function layoutOf({ defaults = {}, topics = {} }: TopicLayouts, topic: string): TopicLayout {
  const fitting = Object.keys(topics).filter((name) => isTopicNamed(topic, name));
  const best = fitting.sort((a, b) => Number(b === topic) - Number(a === topic) || b.length - a.length)[0];
  const layout = { ...DEFAULT_LAYOUT, ...defaults, ...(best === undefined ? {} : topics[best]) };
  const { partitions, replicationFactor, minInSyncReplicas, retentionMs } = layout;
  const whole = [partitions, replicationFactor, minInSyncReplicas, retentionMs].every((number) => Number.isInteger(number) && number >= 1);
  if (!whole || minInSyncReplicas > replicationFactor) {
    const expected = 'whole numbers from 1, and no more in-sync replicas than replicas';
    throw new TuttiError('INVALID_CONFIG', `the layout of topic ${topic} is ${JSON.stringify(layout)}, expected ${expected}`);
  }
  return layout;
}

/** By its whole name, or by its beginning where that ends in `*`. */
export function isTopicNamed(topic: string, name: string): boolean {
  return name === topic || (name.endsWith('*') && topic.startsWith(name.slice(0, -1)));
}

/** What the broker is asked to make. */
export function topicConfig(topic: string, layout: TopicLayout, maxMessageBytes: number): ITopicConfig {
  const { partitions, replicationFactor, minInSyncReplicas, retentionMs, cleanup } = layout;
  return {
    topic,
    numPartitions: partitions,
    replicationFactor,
    configEntries: [
      { name: 'cleanup.policy', value: cleanup },
      { name: 'retention.ms', value: String(retentionMs) },
      { name: 'min.insync.replicas', value: String(minInSyncReplicas) },
      { name: 'max.message.bytes', value: String(maxMessageBytes + BATCH_OVERHEAD_BYTES) },
    ],
  };
}

/** @throws TuttiError INVALID_REQUEST */
export function checkTopicName(topic: string): void {
  if (TOPIC_NAME.test(topic)) return;
  const expected = 'up to 249 letters, digits, dots, underscores and hyphens';
  throw new TuttiError('INVALID_REQUEST', `"${topic}" is no name for a topic, expected ${expected}`);
}
