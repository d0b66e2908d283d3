import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import type { JsonValue } from '@tutti/kernel';
import { createTestParts, testBrokers, type TestParts } from './kafka-harness.js';
import { openKafkaPublishing, type KafkaPublishing } from './open-publishing.js';
import { headerText } from './kafka-message.js';

describe('publishing to Kafka', () => {
  let parts: TestParts;
  let publishing: KafkaPublishing;
  beforeEach(() => {
    parts = createTestParts();
    publishing = openKafkaPublishing(parts.options);
  });
  afterEach(() => publishing.close());

  it('makes a topic with the partitions, retention and cleanup of its layout', async () => {
    const topic = parts.topic('state');
    const layouts = { topics: { [topic]: { partitions: 3, retentionMs: 60_000, cleanup: 'compact' as const } } };
    const own = openKafkaPublishing({ ...parts.options, layouts });
    await own.ensureTopics([topic]);
    await own.ensureTopics([topic]);
    await own.close();
    const admin = kafka().admin();
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topic }] });
    await admin.disconnect();
    const entries = Object.fromEntries((resources[0]?.configEntries ?? []).map(({ configName, configValue }) => [configName, configValue]));
    expect(topics[0]?.partitions).toHaveLength(3);
    expect(entries).toMatchObject({ 'retention.ms': '60000', 'cleanup.policy': 'compact' });
  });

  it('writes CloudEvents in binary mode, in order, under their keys, with what else is asked for', async () => {
    const topic = parts.topic('events');
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const message = (id: string, payload: JsonValue) => ({ id, type: 'tutti.test.happened.v1', key: 'k', payload });
    const first = publishing.publish(topic, [
      { ...message('1', { n: 1 }), member: 'ben', traceparent, headers: { ce_time: '2026-01-01T00:00:00.000Z', 'tutti-position': '7' } },
    ]);
    const rest = Array.from({ length: 50 }, (_, index) => publishing.publish(topic, [message(`m${index}`, index)]));
    await Promise.all([first, ...rest]);
    const read = await readAll(topic, 51);
    const [told] = read.filter(({ id }) => id === '1');
    expect(told?.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: '1',
      ce_source: '/tutti',
      ce_type: 'tutti.test.happened.v1',
      ce_time: '2026-01-01T00:00:00.000Z',
      'content-type': 'application/json',
      traceparent,
      'tutti-position': '7',
      'tutti-member': 'ben',
    });
    expect(told?.value).toBe('{"n":1}');
    expect(read.filter(({ id }) => id.startsWith('m')).map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => `m${index}`));
  });

  it('refuses a message that is larger than allowed, naming it, and goes on with others', async () => {
    const topic = parts.topic('events');
    const large = { id: 'large', type: 't', key: 'k', payload: 'x'.repeat(1024 * 1024) };
    await expect(publishing.publish(topic, [large])).rejects.toMatchObject({
      code: 'PAYLOAD_TOO_LARGE',
      message: expect.stringContaining('large'),
    });
    await publishing.publish(topic, [{ ...large, payload: 'x'.repeat(1024 * 1024 - 1_000) }]);
  });

  it('gives up with a retryable error when no broker answers, and says so in its health', async () => {
    const nobody = openKafkaPublishing({
      ...parts.options,
      connection: { brokers: ['127.0.0.1:1'], connectionTimeoutMs: 200 },
      times: { ...parts.options.times, giveUpAfterMs: 1_000 },
      runtime: parts.realRuntime,
    });
    const failing = nobody.publish(parts.topic('events'), [{ id: '1', type: 't', key: 'k', payload: 1 }]);
    await expect(failing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(nobody.health()).toMatchObject({ connected: false, faults: [{ reason: expect.stringMatching(/\S/) }] });
    await nobody.close();
  });

  function kafka(): Kafka {
    return new Kafka({ brokers: testBrokers(), logLevel: logLevel.NOTHING });
  }

  async function readAll(topic: string, count: number) {
    const consumer = kafka().consumer({ groupId: `${topic}.reader`, maxWaitTimeInMs: 50 });
    const read: { id: string; value: string; headers: Record<string, string | undefined> }[] = [];
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message: { headers = {}, value } }) => {
            const text = Object.fromEntries(Object.keys(headers).map((name) => [name, headerText(headers, name)]));
            read.push({ id: text['ce_id'] ?? '', value: String(value), headers: text });
            if (read.length === count) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return read;
  }
});
