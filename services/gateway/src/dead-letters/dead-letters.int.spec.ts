import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const TOPIC = 'tutti.tasks.default';
const FIRST = `${TOPIC}~workers~0`;

describe('dead letters over REST', () => {
  let gateway: TestGateway;
  let broken: boolean;
  const taken: string[] = [];
  beforeAll(async () => {
    gateway = await startTestGateway();
    await gateway.bus.subscribe({
      ...{ topic: TOPIC, group: 'workers', member: 'w1', maxDeliveries: 2, retryDelayMs: 0 },
      handle: async ({ id }) => {
        if (broken) throw new Error(`cannot do ${id}`);
        taken.push(id);
      },
    });
  });
  afterAll(() => gateway.stop());
  beforeEach(async () => {
    for (const { topic, group, offset } of await gateway.bus.deadLetters.list())
      await gateway.bus.deadLetters.discard(topic, group, offset);
    broken = true;
    taken.length = 0;
  });

  const die = async (...ids: readonly string[]): Promise<readonly string[]> => {
    for (const id of ids) await gateway.bus.publish(TOPIC, [{ id, type: 'tutti.task.assigned.v1', key: id, payload: { secret: id } }]);
    await gateway.runtime.advance(1_000);
    const { json } = await gateway.call('GET', '/v1/dead-letters');
    return (json['deadLetters'] as readonly { readonly id: string }[]).map(({ id }) => id);
  };

  it('lists them oldest first by pages, without their payloads', async () => {
    await die('m1', 'm2', 'm3');
    const first = await gateway.call('GET', '/v1/dead-letters?pageSize=2&topic=tutti.tasks.default&group=workers');
    expect(first).toMatchObject({
      status: 200,
      json: {
        deadLetters: [
          { topic: TOPIC, group: 'workers', messageId: 'm1', type: 'tutti.task.assigned.v1', deliveries: 2, error: 'cannot do m1' },
          { messageId: 'm2' },
        ],
      },
    });
    expect(JSON.stringify(first.json)).not.toContain('secret');
    const second = await gateway.call('GET', `/v1/dead-letters?pageSize=2&pageToken=${String(first.json['nextPageToken'])}`);
    expect(second.json).toMatchObject({ deadLetters: [{ messageId: 'm3' }], nextPageToken: '' });
    expect((await gateway.call('GET', '/v1/dead-letters?group=others')).json).toMatchObject({ deadLetters: [] });
  });

  it('shows one with its payload and every rejected delivery', async () => {
    const [id = ''] = await die('m1');
    const { json } = await gateway.call('GET', `/v1/dead-letters/${id}`);
    const rejected = { member: 'w1', error: 'cannot do m1', time: expect.any(String) };
    expect(json['deadLetter']).toMatchObject({
      id,
      payload: { secret: 'm1' },
      attempts: [
        { delivery: 1, ...rejected },
        { delivery: 2, ...rejected },
      ],
    });
  });

  it('replays one to its group and forgets it', async () => {
    const [id = ''] = await die('m1');
    broken = false;
    expect(await gateway.call('POST', `/v1/dead-letters/${id}/replay`)).toMatchObject({ status: 200, json: { id, outcome: 'replayed' } });
    await gateway.runtime.advance(1_000);
    expect(taken).toEqual(['m1']);
    expect((await gateway.call('POST', `/v1/dead-letters/${id}/replay`)).json).toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
  });

  it('discards one with a reason', async () => {
    const [id = '', other] = await die('m1', 'm2');
    const answer = await gateway.call('POST', `/v1/dead-letters/${id}/discard`, { json: { reason: 'the run is gone' } });
    expect(answer).toMatchObject({ status: 200, json: { id, outcome: 'discarded' } });
    expect(await die()).toEqual([other]);
  });

  it.each([
    ['GET', '/v1/dead-letters/nothing', 404, 'DEAD_LETTER_NOT_FOUND'],
    ['GET', `/v1/dead-letters/${FIRST}9999`, 404, 'DEAD_LETTER_NOT_FOUND'],
    ['POST', '/v1/dead-letters/a~b~c/discard', 404, 'DEAD_LETTER_NOT_FOUND'],
    ['GET', '/v1/dead-letters?pageToken=none', 400, 'INVALID_REQUEST'],
    ['GET', '/v1/dead-letters?pageSize=0', 400, 'INVALID_REQUEST'],
  ])('answers %s %s with %i %s', async (method, path, status, code) => {
    expect(await gateway.call(method, path)).toMatchObject({ status, json: { code } });
  });
});
