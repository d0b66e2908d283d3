import { describe, expect, it } from '@jest/globals';
import { checkTopicName, layoutOf, topicConfig } from './topic-layout.js';

const layouts = {
  defaults: { partitions: 8, replicationFactor: 3 },
  topics: {
    'tutti.tasks.*': { partitions: 24, retentionMs: 1_000 },
    'tutti.tasks.gpu*': { partitions: 2 },
    'tutti.tasks.gpu.1': { cleanup: 'compact' as const },
  },
};

describe('the layout of a topic', () => {
  it.each([
    ['tutti.messages', { partitions: 8, cleanup: 'delete' }],
    ['tutti.tasks.default', { partitions: 24, retentionMs: 1_000, replicationFactor: 3 }],
    ['tutti.tasks.gpu', { partitions: 2, retentionMs: 604_800_000 }],
    ['tutti.tasks.gpu.1', { partitions: 8, cleanup: 'compact' }],
  ])('of %s is what fits its name best', (topic, expected) => {
    expect(layoutOf(layouts, topic)).toMatchObject(expected);
  });

  it.each([{ partitions: 0 }, { retentionMs: 1.5 }, { minInSyncReplicas: 2 }])('is refused as %j', (defaults) => {
    expect(() => layoutOf({ defaults }, 'topic')).toThrow(/the layout of topic topic is .* expected/);
  });

  it('becomes settings of the broker', () => {
    const config = topicConfig('topic', layoutOf(layouts, 'topic'), 1_000_000);
    expect(config).toMatchObject({ topic: 'topic', numPartitions: 8, replicationFactor: 3 });
    expect(config.configEntries).toContainEqual({ name: 'retention.ms', value: '604800000' });
    expect(config.configEntries).toContainEqual({ name: 'max.message.bytes', value: '1065536' });
  });
});

describe('the name of a topic', () => {
  it.each(['', '.', '..', 'a b', 'a/b', 'ü', 'x'.repeat(250)])('is not "%s"', (name) => {
    expect(() => checkTopicName(name)).toThrow(/is no name for a topic/);
  });

  it.each(['tutti.tasks.default', 'a_b-c.D9', '...'])('may be "%s"', (name) => {
    expect(() => checkTopicName(name)).not.toThrow();
  });
});
