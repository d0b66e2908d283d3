import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GROUP, message, subscribe, until } from '../testing/recording-member.js';
import { createKafkaClient } from './kafka-client.js';
import { createKafkaHarness, type KafkaHarness } from './kafka-harness.js';

describe('the bus on Kafka', () => {
  let harness: KafkaHarness;
  beforeEach(async () => {
    harness = await createKafkaHarness();
  });
  afterEach(() => harness.close());

  async function asAdmin(work: (admin: ReturnType<ReturnType<typeof createKafkaClient>['admin']>) => Promise<unknown>): Promise<void> {
    const admin = createKafkaClient(harness.parts.options.connection).admin();
    await admin.connect();
    try {
      await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  async function write(topic: string, messages: { readonly key: string; readonly value: string | Buffer }[]): Promise<void> {
    const producer = createKafkaClient(harness.parts.options.connection).producer();
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  }

  it('makes a topic anew that somebody deleted, and hands over all that is published then, for any member and for one', async () => {
    const anna = await subscribe(harness);
    const some = (from: number, count: number) =>
      Array.from({ length: count }, (_, index) =>
        message(`m${from + index}`, index % 2 === 0 ? { key: 'k' } : { key: 'l', member: 'anna' }),
      );
    await harness.publish(some(0, 40));
    await until(harness, 'all are handled', () => anna.deliveries.length === 40);
    await asAdmin((admin) => admin.deleteTopics({ topics: [harness.topic] }));
    const publishing = harness.publish(some(40, 20));
    publishing.catch(() => {});
    // The client's own waits are real ones, the bus's are on the clock.
    for (let turn = 0; turn < 60 && new Set(anna.ids()).size < 60; turn++) await harness.elapse(700);
    await publishing;
    expect(new Set(anna.ids())).toEqual(new Set(some(0, 60).map(({ id }) => id)));
  });

  it('reads a topic from its beginning that was made anew before the members noticed', async () => {
    const anna = await subscribe(harness);
    const some = (from: number, count: number) => Array.from({ length: count }, (_, index) => message(`m${from + index}`, { key: 'k' }));
    await harness.publish(some(0, 40));
    await until(harness, 'all are handled', () => anna.deliveries.length === 40);
    await asAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [harness.topic] });
      for (let tries = 0; tries < 50; tries++) {
        try {
          await admin.createTopics({ topics: [{ topic: harness.topic, numPartitions: 4 }], waitForLeaders: true });
          break;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    });
    const publishing = harness.publish(some(40, 20));
    publishing.catch(() => {});
    for (let turn = 0; turn < 60 && new Set(anna.ids()).size < 60; turn++) await harness.elapse(700);
    await publishing;
    expect(new Set(anna.ids())).toEqual(new Set(some(0, 60).map(({ id }) => id)));
    expect(harness.parts.said.some((line) => line.includes('a topic was made anew'))).toBe(true);
  });

  it('goes on behind a message that is too large to be kept as a dead letter: keeps its beginning, and replays no part of it', async () => {
    const anna = await subscribe(harness, { maxDeliveries: 1 });
    const bytes = Buffer.alloc(1_200_000, 0xff);
    await write(harness.topic, [
      { key: 'k', value: bytes },
      { key: 'k', value: '{"fine":true}' },
    ]);
    await until(harness, 'the next', () => anna.deliveries.length === 1);
    const [letter] = await harness.bus.deadLetters.list();
    expect(letter).toMatchObject({ key: 'k', error: expect.stringContaining('not JSON') });
    expect(String(letter?.payload)).toHaveLength(10_000);
    const replay = harness.bus.deadLetters.replay(harness.topic, GROUP, letter?.offset ?? '');
    await expect(replay).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    expect(await harness.bus.deadLetters.discard(harness.topic, GROUP, letter?.offset ?? '')).toBe(true);
  });

  it('publishes one by one what does not fit together into a topic that takes less, and says what never will', async () => {
    const topic = harness.parts.topic('small');
    const configEntries = [{ name: 'max.message.bytes', value: '10000' }];
    await asAdmin((admin) => admin.createTopics({ topics: [{ topic, numPartitions: 1, configEntries }], waitForLeaders: true }));
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
    const of = (id: string, characters: number) => message(id, { key: 'k', payload: 'x'.repeat(characters) });
    await harness.bus.publish(
      topic,
      ids.map((id) => of(id, 2_000)),
    );
    const large = harness.bus.publish(topic, [of('large', 20_000)]);
    const fine = harness.bus.publish(topic, [of('fine', 10)]);
    await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await fine;
    const handled: string[] = [];
    await harness.bus.subscribe({ topic, group: GROUP, member: 'anna', handle: async ({ id }) => void handled.push(id) });
    await until(harness, 'all are there', () => handled.includes('fine'));
    expect(handled).toEqual([...ids, 'fine']);
  });

  it('lists dead letters beside a record that is none', async () => {
    await subscribe(harness, {
      maxDeliveries: 1,
      on: () => {
        throw new Error('broken');
      },
    });
    await harness.publish([message('a1')]);
    const letters = () => harness.bus.deadLetters.list();
    await until(harness, 'it is dead', async () => (await letters()).length === 1);
    await write(`${harness.parts.options.prefix}dead-letters`, [
      { key: 'x', value: 'no { json' },
      { key: 'y', value: '3' },
    ]);
    await harness.publish([message('a2')]);
    await until(harness, 'the next is dead', async () => (await letters()).length === 2);
    expect((await letters()).map(({ id }) => id)).toEqual(['a1', 'a2']);
    expect(harness.parts.said.filter((line) => line.includes('among the dead letters is none'))).toHaveLength(2);
  });
});
