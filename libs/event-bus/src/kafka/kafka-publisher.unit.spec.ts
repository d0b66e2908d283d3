import { beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { Kafka, ProducerBatch } from 'kafkajs';
import { BusHealth } from './bus-health.js';
import { checkedLimits } from './kafka-options.js';
import { KafkaPublisher } from './kafka-publisher.js';
import type { Topics } from './topics.js';

interface Request {
  readonly producer: number;
  readonly ids: readonly string[];
  readonly topics: readonly string[];
  answer(): void;
  fail(error: object): void;
}

const AWAY = Object.assign(new Error('connection closed'), { name: 'KafkaJSConnectionClosedError', retriable: true });
const NOT_AUTHORIZED = Object.assign(new Error('not authorized'), { type: 'TOPIC_AUTHORIZATION_FAILED', retriable: false });

describe('the publisher', () => {
  let runtime: ManualRuntime;
  let health: BusHealth;
  let requests: Request[];
  let producers: number;
  let madeAnew: string[];
  let publisher: KafkaPublisher;
  beforeEach(() => {
    runtime = createManualRuntime();
    health = new BusHealth(runtime.clock, () => {});
    requests = [];
    producers = 0;
    madeAnew = [];
    publisher = open();
  });

  it('has one request under way, and sends what came meanwhile together, in its order', async () => {
    const sent = [publish('1')];
    await runtime.advance(0);
    sent.push(publish('2'), publish('3'));
    await runtime.advance(0);
    expect(requests.map(({ ids }) => ids)).toEqual([['1']]);
    requests[0]?.answer();
    await runtime.advance(0);
    expect(requests.map(({ ids }) => ids)).toEqual([['1'], ['2', '3']]);
    requests[1]?.answer();
    await Promise.all(sent);
  });

  it('sends what is published in one turn in one request, whatever the topics', async () => {
    const sent = ['a', 'b', 'a'].map((topic, index) => publisher.publish(topic, [{ id: `${index}`, type: 't', key: 'k', payload: null }]));
    await runtime.advance(0);
    expect(requests.map(({ ids, topics }) => [topics, ids])).toEqual([
      [
        ['a', 'b'],
        ['0', '2', '1'],
      ],
    ]);
    requests[0]?.answer();
    await Promise.all(sent);
  });

  it('sends again what was not answered, before all else, by a new producer', async () => {
    const sent = [publish('1')];
    await runtime.advance(0);
    sent.push(publish('2'));
    await runtime.advance(0);
    requests[0]?.fail(AWAY);
    await runtime.advance(100);
    expect(requests.map(({ producer, ids }) => [producer, ids])).toEqual([
      [1, ['1']],
      [2, ['1']],
    ]);
    expect(health.now()).toMatchObject({ connected: false, faults: [{ part: 'publishing', reason: 'connection closed' }] });
    requests[1]?.answer();
    await runtime.advance(0);
    requests[2]?.answer();
    await Promise.all(sent);
    expect(requests.map(({ producer }) => producer)).toEqual([1, 2, 2]);
    expect(health.now().connected).toBe(true);
  });

  it('gives up after its limit, with the last reason, and does not send that any more', async () => {
    const outcome = publish('1').catch((error: unknown) => error);
    await runtime.advance(0);
    requests[0]?.fail(AWAY);
    for (let index = 1; index < 6; index++) {
      await runtime.advance(2_000);
      requests[index]?.fail(AWAY);
    }
    await runtime.advance(1_000);
    expect(await outcome).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining('connection closed'),
    });
    const before = requests.length;
    await runtime.advance(10_000);
    const next = publish('2');
    await runtime.advance(0);
    expect(requests.slice(before).map(({ ids }) => ids)).toEqual([['2']]);
    requests.at(-1)?.answer();
    await next;
  });

  it('fails at once what will not pass, and goes on with the next', async () => {
    const refused = publish('1').catch((error: unknown) => error);
    await runtime.advance(0);
    const next = publish('2');
    await runtime.advance(0);
    requests[0]?.fail(NOT_AUTHORIZED);
    expect(await refused).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: false });
    await runtime.advance(0);
    requests.at(-1)?.answer();
    await next;
  });

  it('does not fail what only went in the same request as something that will not pass', async () => {
    const outcomes = ['1', '2', '3'].map((id) =>
      publish(id).then(
        () => 'there',
        ({ code }: { readonly code: string }) => code,
      ),
    );
    await runtime.advance(0);
    requests[0]?.fail(NOT_AUTHORIZED);
    for (const [index, refused] of [false, true, false].entries()) {
      await runtime.advance(0);
      if (refused) requests[index + 1]?.fail(NOT_AUTHORIZED);
      else requests[index + 1]?.answer();
    }
    expect(await Promise.all(outcomes)).toEqual(['there', 'STORE_UNAVAILABLE', 'there']);
    expect(requests.map(({ ids }) => ids)).toEqual([['1', '2', '3'], ['1'], ['2'], ['3']]);
  });

  it('makes a topic anew that is gone, before it sends again', async () => {
    const sent = publish('1');
    await runtime.advance(0);
    const gone = Object.assign(new Error('gone'), { type: 'UNKNOWN_TOPIC_OR_PARTITION', retriable: true });
    requests[0]?.fail(Object.assign(new Error('tried 3 times'), { name: 'KafkaJSNumberOfRetriesExceeded', cause: gone }));
    await runtime.advance(100);
    expect(madeAnew).toEqual(['topic']);
    requests[1]?.answer();
    await sent;
  });

  it('sends nothing more after a kill, also what was not answered', async () => {
    void publish('1').catch(() => {});
    await runtime.advance(0);
    publisher.abandon();
    requests[0]?.fail(AWAY);
    await runtime.advance(5_000);
    expect([requests.length, producers]).toEqual([1, 1]);
  });

  it('sends no more at once than a message may have', async () => {
    const sent = ['1', '2', '3'].map((id) => publish(id, 'x'.repeat(400_000)));
    await runtime.advance(0);
    requests[0]?.answer();
    await runtime.advance(0);
    expect(requests.map(({ ids }) => ids)).toEqual([['1', '2'], ['3']]);
    requests[1]?.answer();
    await Promise.all(sent);
  });

  it('refuses what would make too much wait', async () => {
    publisher = open(1_000_000);
    const sent = [publish('1', 'x'.repeat(400_000))];
    await runtime.advance(0);
    sent.push(publish('2', 'x'.repeat(400_000)), publish('3', 'x'.repeat(400_000)));
    await expect(publish('4', 'x'.repeat(400_000))).rejects.toMatchObject({ code: 'OVERLOADED' });
    for (let index = 0; index < 2; index++) {
      await runtime.advance(0);
      requests[index]?.answer();
    }
    await Promise.all(sent);
  });

  it('sends what waits when it is closed, and takes nothing more', async () => {
    const sent = publish('1');
    await runtime.advance(0);
    const closing = publisher.close();
    await expect(publish('2')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    requests[0]?.answer();
    await Promise.all([sent, closing]);
  });

  function publish(id: string, payload = ''): Promise<void> {
    return publisher.publish('topic', [{ id, type: 't', key: 'k', payload }]);
  }

  function open(maxQueuedBytes = 64_000_000): KafkaPublisher {
    return new KafkaPublisher({
      kafka: { producer: fakeProducer } as unknown as Kafka,
      topics: { ensure: async () => {}, makeAnew: async (topics: Iterable<string>) => void madeAnew.push(...topics) } as unknown as Topics,
      ...{ runtime, health, source: '/tutti', limits: checkedLimits({ maxQueuedBytes }), giveUpAfterMs: 10_000 },
    });
  }

  function fakeProducer() {
    const producer = ++producers;
    return {
      connect: async () => {},
      disconnect: async () => {},
      sendBatch: ({ topicMessages = [] }: ProducerBatch) =>
        new Promise<void>((resolve, reject) => {
          const ids = topicMessages.flatMap(({ messages }) => messages.map(({ headers }) => String(headers?.['ce_id'])));
          const topics = topicMessages.map(({ topic }) => topic);
          requests.push({ producer, ids, topics, answer: () => resolve(), fail: reject });
        }),
    };
  }
});
