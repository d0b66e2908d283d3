import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deadLetterTopic } from '../dead-letter-topic.js';
import { GROUP, message, quiet, settled, subscribe, until } from '../testing/recording-member.js';
import { groupId } from './group-names.js';
import { createKafkaClient } from './kafka-client.js';
import { createKafkaHarness, type KafkaHarness } from './kafka-harness.js';

describe('a topic on Kafka whose messages all name a member', () => {
  let harness: KafkaHarness;
  beforeEach(async () => {
    harness = await createKafkaHarness({ addressedTopics: ['tutti.test.*'] });
  });
  afterEach(() => harness.close());

  const toAnna = (...ids: readonly string[]) => ids.map((id) => message(id, { member: 'anna' }));

  it('gives each message to its member, also what was published while it was away or before it was there', async () => {
    const ben = await subscribe(harness, { member: 'ben' });
    await harness.publish([...toAnna('a1'), message('b1', { member: 'ben' })]);
    await until(harness, 'ben has his', () => ben.deliveries.length === 1);
    const anna = await subscribe(harness);
    await until(harness, 'anna has hers', () => anna.deliveries.length === 1);
    await settled(harness, 'close', anna.subscription.close());
    await harness.publish(toAnna('a2', 'a3'));
    const again = await subscribe(harness);
    await until(harness, 'she has the rest', () => again.deliveries.length === 2);
    await quiet(harness);
    expect([anna.ids(), again.ids(), ben.ids()]).toEqual([['a1'], ['a2', 'a3'], ['b1']]);
  });

  it('lists its members, and drops what waits for one that is forgotten', async () => {
    const ben = await subscribe(harness, { member: 'ben' });
    const anna = await subscribe(harness);
    expect([...(await harness.bus.members(harness.topic, GROUP))].sort()).toEqual(['anna', 'ben']);
    await settled(harness, 'close', anna.subscription.close());
    await harness.publish(toAnna('a1'));
    await settled(harness, 'forgetting', harness.bus.forgetMember(harness.topic, GROUP, 'anna'));
    await harness.publish(toAnna('a2'));
    const again = await subscribe(harness);
    await until(harness, 'what came later', () => again.deliveries.length === 1);
    expect([again.ids(), ben.ids()]).toEqual([['a2'], []]);
  });

  it('makes dead letters of them, tells of each on the topic for that, and replays them', async () => {
    let broken = true;
    const anna = await subscribe(harness, {
      maxDeliveries: 1,
      on: () => {
        if (broken) throw new Error('broken');
      },
    });
    const told: string[] = [];
    const tellOn = deadLetterTopic(harness.topic);
    await harness.bus.subscribe({ topic: tellOn, group: 'owners', member: 'owner', handle: async ({ key }) => void told.push(key) });
    await harness.publish(toAnna('a1'));
    await until(harness, 'it is told', () => told.length === 1);
    broken = false;
    const [letter] = await harness.bus.deadLetters.list();
    await harness.bus.deadLetters.replay(harness.topic, GROUP, letter?.offset ?? '');
    await until(harness, 'it comes again', () => anna.deliveries.length === 2);
    expect(anna.ids()).toEqual(['a1', 'a1']);
  });

  it('refuses a message for any member', async () => {
    await expect(harness.publish([...toAnna('a1'), message('a2')])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('has the position of all members at the end after a while, so that the group’s lag says that nothing waits', async () => {
    const anna = await subscribe(harness);
    await harness.publish(Array.from({ length: 20 }, (_, index) => message(`m${index}`, { key: `m${index}`, member: 'anna' })));
    await until(harness, 'all are handled', () => anna.deliveries.length === 20);
    const admin = createKafkaClient(harness.parts.options.connection).admin();
    await admin.connect();
    try {
      const ends = async () => (await admin.fetchTopicOffsets(harness.topic)).map(({ partition, high }) => `${partition}: ${high}`).sort();
      const positions = async () => {
        const [found] = await admin.fetchOffsets({ groupId: groupId(harness.parts.options.prefix ?? '', harness.topic, GROUP) });
        return (found?.partitions ?? []).map(({ partition, offset }) => `${partition}: ${offset}`).sort();
      };
      await harness.elapse(10_000);
      await until(harness, 'the positions are at the ends', async () => JSON.stringify(await positions()) === JSON.stringify(await ends()));
    } finally {
      await admin.disconnect();
    }
  });
});
