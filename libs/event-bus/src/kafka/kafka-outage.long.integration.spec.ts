import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createKafkaEventBus, type KafkaEventBus } from './kafka-event-bus.js';
import { createTestParts, realRuntime } from './kafka-harness.js';
import { startOwnBroker, type OwnBroker } from './own-broker-harness.js';

const START_MS = 120_000;
const AWAY_MS = 20_000;
const TEST_MS = 110_000;

describe('the bus on Kafka, when its broker goes away', () => {
  let broker: OwnBroker;
  let bus: KafkaEventBus;
  let topic: string;
  const said: string[] = [];
  beforeAll(async () => {
    broker = await startOwnBroker();
  }, START_MS);
  afterAll(() => broker.close(), START_MS);
  beforeEach(() => {
    topic = createTestParts([broker.address]).topic('topic');
    bus = open(60_000);
  });
  afterEach(() => bus.close(), START_MS);

  it.each([
    ['is stopped and started', 'stop'],
    ['crashes and is started', 'kill'],
  ] as const)(
    'loses nothing and comes back by itself within 30 s when it %s',
    async (_, how) => {
      const handled: string[] = [];
      const message = (id: string) => ({ id, type: 't', key: id, payload: id });
      const take = async ({ id }: { readonly id: string }) => void handled.push(id);
      await bus.subscribe({ topic, group: 'group', member: 'anna', handle: take });
      await bus.publish(topic, ['a', 'b'].map(message));
      await pollUntil(() => handled.length === 2);
      await broker[how]();
      const asked = Date.now();
      // Published while nobody is there: durable once somebody is.
      const publishing = Promise.all(['c', 'd', 'e'].map((id) => bus.publish(topic, [{ ...message(id), member: 'anna' }])));
      await pollUntil(() => !bus.health().connected);
      const { faults } = bus.health();
      expect(faults[0]).toMatchObject({ since: expect.stringMatching(/^\d{4}-/), reason: expect.stringMatching(/\S/) });
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, AWAY_MS - (Date.now() - asked))));
      await broker.start();
      const back = Date.now();
      await publishing;
      await bus.publish(topic, [message('f')]);
      await pollUntil(() => new Set(handled).size === 6);
      await pollUntil(() => bus.health().connected);
      expect(Date.now() - back).toBeLessThan(30_000);
      expect([...new Set(handled)].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
      // What was handed over does not come again, written or not: the process that knows of it lived on.
      expect(handled.filter((id) => id === 'a' || id === 'b')).toHaveLength(2);
      expect(said.some((line) => line.includes('the broker is not reached'))).toBe(true);
      expect(said.some((line) => line.includes('the broker is reached again'))).toBe(true);
    },
    TEST_MS,
  );

  it(
    'closes while the broker is away, with a subscription and a message that cannot be sent',
    async () => {
      const handled: string[] = [];
      const short = open(3_000);
      await short.subscribe({ topic, group: 'group', member: 'anna', handle: async ({ id }) => void handled.push(id) });
      await short.publish(topic, [{ id: 'a', type: 't', key: 'a', payload: 1 }]);
      await pollUntil(() => handled.length === 1);
      await broker.stop();
      try {
        const unsent = short.publish(topic, [{ id: 'b', type: 't', key: 'b', payload: 1 }]);
        unsent.catch(() => {});
        const began = Date.now();
        await short.close();
        expect(Date.now() - began).toBeLessThan(25_000);
        await expect(unsent).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
      } finally {
        await broker.start();
      }
    },
    TEST_MS,
  );

  it(
    'refuses a subscription, retryably, when no broker has answered within the limit',
    async () => {
      const nobody = open(1_000, ['127.0.0.1:1']);
      const subscribing = nobody.subscribe({ topic, group: 'group', member: 'anna', handle: async () => {} });
      await expect(subscribing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
      await nobody.close();
    },
    TEST_MS,
  );

  function open(giveUpAfterMs: number, brokers: readonly string[] = [broker.address]): KafkaEventBus {
    return createKafkaEventBus({
      ...createTestParts([...brokers]).options,
      connection: { brokers, log: (level, text, fields) => said.push(`${level} ${text} ${JSON.stringify(fields)}`) },
      runtime: realRuntime(createManualRuntime()),
      times: { sessionTimeoutMs: 10_000, heartbeatMs: 1_000, fetchWaitMs: 100, giveUpAfterMs },
    });
  }

  async function pollUntil(holds: () => boolean): Promise<void> {
    for (const until = Date.now() + 60_000; !holds();) {
      if (Date.now() > until) throw new Error(`did not come to pass within a minute; the bus said:\n${said.slice(-30).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
