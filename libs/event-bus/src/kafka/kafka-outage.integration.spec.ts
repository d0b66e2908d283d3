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
    const parts = createTestParts([broker.address]);
    topic = parts.topic('topic');
    bus = createKafkaEventBus({
      ...parts.options,
      connection: { brokers: [broker.address], log: (level, text, fields) => said.push(`${level} ${text} ${JSON.stringify(fields)}`) },
      runtime: realRuntime(createManualRuntime()),
      times: { sessionTimeoutMs: 10_000, heartbeatMs: 1_000, fetchWaitMs: 100, giveUpAfterMs: 60_000 },
    });
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
      const back = Date.now();
      await broker.start();
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

  async function pollUntil(holds: () => boolean): Promise<void> {
    for (const until = Date.now() + 60_000; !holds();) {
      if (Date.now() > until) throw new Error(`did not come to pass within a minute; the bus said:\n${said.slice(-30).join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
});
