import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { createKafkaEventBus, type KafkaEventBus } from './kafka-event-bus.js';
import { createTestParts, realRuntime } from './kafka-harness.js';
import type { KafkaConnection, KafkaSasl } from './kafka-options.js';
import { startSecuredBroker, type SecuredBroker } from './secured-broker-harness.js';

const START_MS = 120_000;
const anna = { username: 'anna', password: 'anna-secret' };

describe('the bus on Kafka, over TLS and with SASL', () => {
  let broker: SecuredBroker;
  beforeAll(async () => {
    broker = await startSecuredBroker();
    const first = open({ ...secured({ mechanism: 'plain', username: 'plain', password: 'plain-secret' }) }, 60_000);
    await first.bus.ensureTopics([first.topic]);
    await first.bus.close();
  }, START_MS);
  afterAll(() => broker.close(), START_MS);

  it.each<KafkaSasl>([
    { mechanism: 'plain', username: 'plain', password: 'plain-secret' },
    { mechanism: 'scram-sha-256', ...anna },
    { mechanism: 'scram-sha-512', ...anna },
  ])('publishes and reads as $username by $mechanism', async (sasl) => {
    const { bus, topic } = open(secured(sasl));
    const got = new Promise<string>((resolve, reject) => {
      bus.subscribe({ topic, group: 'group', member: 'anna', handle: async ({ id }) => resolve(id) }).catch(reject);
    });
    await bus.publish(topic, [{ id: 'm1', type: 't', key: 'k', payload: 1 }]);
    expect(await got).toBe('m1');
    await bus.close();
  });

  it('fails at once, and not retryably, with a wrong password', async () => {
    const { bus, topic } = open(secured({ mechanism: 'scram-sha-256', username: 'anna', password: 'wrong' }), 60_000);
    const began = Date.now();
    const outcome = await bus.ensureTopics([topic]).catch((error: unknown) => error);
    expect(outcome).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false, message: expect.stringMatching(/authentication/i) });
    expect(Date.now() - began).toBeLessThan(20_000);
    await bus.close();
  });

  it('does not talk to a broker whose certificate it does not trust', async () => {
    const { bus, topic } = open({ ...secured({ mechanism: 'scram-sha-256', ...anna }), tls: true }, 2_000);
    await expect(bus.ensureTopics([topic])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/self-signed|certificate/i),
    });
    await bus.close();
  });

  function secured(sasl: KafkaSasl): KafkaConnection {
    return { brokers: [broker.address], tls: { ca: broker.certificate }, sasl };
  }

  function open(connection: KafkaConnection, giveUpAfterMs = 20_000): { readonly bus: KafkaEventBus; readonly topic: string } {
    const parts = createTestParts([broker.address]);
    const times = { ...parts.options.times, giveUpAfterMs };
    const bus = createKafkaEventBus({ ...parts.options, connection, times, runtime: realRuntime(createManualRuntime()) });
    return { bus, topic: parts.topic('topic') };
  }
});
