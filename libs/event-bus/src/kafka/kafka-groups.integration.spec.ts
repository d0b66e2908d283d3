import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gate, message, settled, until } from '../testing/recording-member.js';
import { createKafkaHarness, type KafkaHarness } from './kafka-harness.js';
import type { KafkaBus } from './kafka-event-bus.js';

const GROUP = 'group';
const keys = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

describe('a group on Kafka', () => {
  let harness: KafkaHarness;
  beforeEach(async () => {
    harness = await createKafkaHarness();
  });
  afterEach(() => harness.close());

  const join = async (member: string, handle: (id: string) => Promise<void>, bus: KafkaBus = harness.another().bus) =>
    bus.subscribe({ topic: harness.topic, group: GROUP, member, handle: ({ id }) => handle(id) });

  it('shares its messages about evenly between members of several processes that come one after the other', async () => {
    const taken = new Map<string, string[]>();
    const take = (member: string) => async (id: string) => void taken.set(member, [...(taken.get(member) ?? []), id]);
    for (const member of ['anna', 'ben', 'cleo', 'dora']) await join(member, take(member));
    const all = keys(400);
    // Until each has its partition, some of them rest: nothing of them may be lost or doubled.
    await harness.publish(all.slice(0, 200).map((id) => message(id, { key: id })));
    await harness.elapse(3_000);
    await harness.publish(all.slice(200).map((id) => message(id, { key: id })));
    await until(harness, 'all are handled', () => [...taken.values()].flat().length >= all.length);
    await harness.elapse(300);
    expect([...taken.values()].flat().sort()).toEqual([...all].sort());
    expect(taken.size).toBe(4);
    for (const ids of taken.values()) expect(ids.length).toBeGreaterThan(20);
  });

  it('hands nothing over twice while members come and go under load, where their handlers end', async () => {
    const taken: string[] = [];
    const take = async (id: string) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      taken.push(id);
    };
    const anna = await join('anna', take);
    const all = keys(3_000);
    const publishing = (async () => {
      for (let from = 0; from < all.length; from += 100) {
        await harness.publish(all.slice(from, from + 100).map((id) => message(id, { key: id })));
        await harness.elapse(50);
      }
    })();
    await join('ben', take);
    await settled(harness, 'close', anna.close());
    await join('cleo', take);
    await publishing;
    await until(harness, 'all are handled', () => new Set(taken).size >= all.length);
    await harness.elapse(300);
    expect(taken.length).toBe(all.length);
  });

  it('keeps what a handler has in hand with its member over three rebalances that take the partition away from nobody', async () => {
    const held = gate();
    const begun: string[] = [];
    const taken = new Map<string, string>();
    const take = (member: string) => async (id: string) => {
      begun.push(id);
      if (id === 'm0') await held.passed;
      taken.set(id, member);
    };
    await join('anna', take('anna'));
    await harness.publish([message('m0', { key: 'm0' })]);
    await until(harness, 'it is in hand', () => begun.length === 1);
    for (const member of ['ben', 'cleo', 'dora']) {
      await join(member, take(member));
      await harness.elapse(500);
    }
    held.open();
    await until(harness, 'it is handled', () => taken.size === 1);
    const rest = keys(20).slice(1);
    await harness.publish(rest.map((id) => message(id, { key: id })));
    await until(harness, 'all are handled', () => taken.size === 20);
    await harness.elapse(500);
    expect([...begun].sort()).toEqual(keys(20).sort());
    expect(taken.get('m0')).toBe('anna');
  });

  it('does not hand over again what was handed over, when its member goes without a word', async () => {
    const first = harness.another();
    const handled: string[] = [];
    await join('anna', async (id) => void handled.push(id), first.bus);
    await harness.publish(keys(30).map((id) => message(id, { key: id })));
    await until(harness, 'all are handled', () => handled.length === 30);
    await harness.elapse(300);
    first.kill();
    const again: string[] = [];
    await join('ben', async (id) => void again.push(id));
    await harness.publish([message('n1')]);
    await until(harness, 'the next', () => again.includes('n1'));
    expect(again).toEqual(['n1']);
  });

  it('keeps its place in the group while a handler takes longer than a session', async () => {
    const held = gate();
    const began: string[] = [];
    await join('anna', async (id) => {
      began.push(id);
      await held.passed;
    });
    await harness.publish([message('m0')]);
    await until(harness, 'it is in hand', () => began.length === 1);
    // Real time: the broker's session is over after 4 s of silence.
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(await harness.bus.members(harness.topic, GROUP)).toEqual(['anna']);
    const ben: string[] = [];
    await join('ben', async (id) => void ben.push(id));
    held.open();
    await harness.elapse(1_000);
    expect([began, ben]).toEqual([['m0'], []]);
  });

  it('reads no further while more waits than fits, and goes on when there is room', async () => {
    await harness.close();
    harness = await createKafkaHarness({ limits: { maxWaiting: 100 } });
    const held = gate();
    const handled: string[] = [];
    const subscription = { topic: harness.topic, group: GROUP, member: 'anna', concurrency: 10 };
    for (let from = 0; from < 5_000; from += 500) {
      const some = Array.from({ length: 500 }, (_, index) => `m${from + index}`);
      await harness.publish(some.map((id) => message(id, { key: id, payload: 'x'.repeat(2_000) })));
    }
    await harness.bus.subscribe({
      ...subscription,
      handle: async ({ id }) => {
        await held.passed;
        handled.push(id);
      },
    });
    await harness.elapse(1_000);
    const pausedSaid = () => harness.parts.heard.filter((line) => /Pausing fetching/.test(line)).length;
    expect(pausedSaid()).toBeGreaterThan(0);
    held.open();
    await until(harness, 'all are handled', () => handled.length >= 5_000);
    expect(new Set(handled).size).toBe(5_000);
    expect(handled.length).toBe(5_000);
  });

  it('makes a message that nobody can read a dead letter, and goes on behind it', async () => {
    const { createKafkaClient } = await import('./kafka-client.js');
    const handled: string[] = [];
    await join('anna', async (id) => void handled.push(id), harness.bus);
    const producer = createKafkaClient(harness.parts.options.connection).producer();
    await producer.connect();
    await producer.send({
      topic: harness.topic,
      messages: [
        { key: 'k', value: 'no { json' },
        { key: 'k', value: '{"fine":true}' },
      ],
    });
    await producer.disconnect();
    await until(harness, 'the next', () => handled.length === 1);
    const letters = await harness.bus.deadLetters.list();
    expect(letters).toMatchObject([{ key: 'k', payload: 'no { json', type: 'unknown', error: expect.stringContaining('not JSON') }]);
  });

  it('gives partitions away after the limit, though handlers of them still run, and takes what they end with no more', async () => {
    await harness.close();
    harness = await createKafkaHarness({ times: { sessionTimeoutMs: 4_000, heartbeatMs: 300, fetchWaitMs: 100, moveLimitMs: 1_000 } });
    const held = gate();
    const anna: string[] = [];
    const ben: string[] = [];
    await join('anna', async (id) => {
      anna.push(id);
      await held.passed;
    });
    const all = keys(20);
    await harness.publish(all.map((id) => message(id, { key: id })));
    await until(harness, 'all are in hand', () => anna.length === all.length);
    await join('ben', async (id) => void ben.push(id));
    await harness.elapse(500);
    expect(ben).toEqual([]);
    await until(harness, 'ben has his share', () => ben.length > 0);
    held.open();
    await harness.elapse(1_000);
    // Each of ben's ran twice, as "at least once" allows; none of those that stayed with anna did.
    expect(new Set(ben).size).toBe(ben.length);
    expect(ben.length).toBeLessThan(all.length);
    await harness.reopen();
    const again: string[] = [];
    await harness.bus.subscribe({ topic: harness.topic, group: GROUP, member: 'cleo', handle: async ({ id }) => void again.push(id) });
    await harness.elapse(1_000);
    expect(again).toEqual([]);
  });

  it('keeps a dead letter of the largest message that there may be, and replays it', async () => {
    let broken = true;
    const payload = 'x'.repeat(1024 * 1024 - 1_000);
    const sizes: number[] = [];
    await harness.bus.subscribe({
      ...{ topic: harness.topic, group: GROUP, member: 'anna', maxDeliveries: 1 },
      handle: async ({ payload: found }) => {
        if (broken) throw new Error('y'.repeat(5_000));
        sizes.push(String(found).length);
      },
    });
    await harness.publish([message('m0', { payload })]);
    const letters = () => harness.bus.deadLetters.list();
    await until(harness, 'it is dead', async () => (await letters()).length === 1);
    broken = false;
    const [letter] = await letters();
    expect(letter?.error).toHaveLength(2_000);
    await harness.bus.deadLetters.replay(harness.topic, GROUP, letter?.offset ?? '');
    await until(harness, 'it is handled', () => sizes.length === 1);
    expect(sizes).toEqual([payload.length]);
  });

  it('refuses to publish to a view, which a relay publishes to', async () => {
    await harness.close();
    harness = await createKafkaHarness({ viewTopics: ['tutti.view'] });
    await expect(harness.bus.publish('tutti.view', [message('a1')])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });
});
