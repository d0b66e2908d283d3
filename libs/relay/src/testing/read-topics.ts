import { createKafkaClient } from '@tutti/event-bus/kafka';

export interface ReadRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

/** Everything that stands on topics now, each partition in its order; for tests. */
export async function readTopics(brokers: readonly string[], topics: readonly string[]): Promise<readonly ReadRecord[]> {
  const kafka = createKafkaClient({ brokers }, 'tutti-test-reader');
  const admin = kafka.admin();
  await admin.connect();
  const left = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (Number(high) > Number(low)) left.set(`${topic}/${partition}`, Number(high));
    }
  }
  const records: ReadRecord[] = [];
  const groupId = `test-${topics[0] ?? ''}-${Date.now()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    if (left.size === 0) return resolve();
    consumer
      .run({
        eachMessage: async ({ topic, partition, message }) => {
          const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]));
          records.push({ topic, partition, key: String(message.key), headers, value: String(message.value) });
          if (Number(message.offset) + 1 >= (left.get(`${topic}/${partition}`) ?? Infinity)) left.delete(`${topic}/${partition}`);
          if (left.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  // The broker may still count the consumer in, or never have heard of the group.
  await admin.deleteGroups([groupId]).catch(() => undefined);
  await admin.disconnect();
  return records;
}
