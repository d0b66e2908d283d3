import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { feedMessage } from '@tutti/rest-contract';
import { A_HASH } from '../testing/fake-services.js';
import { connectFeed, type FeedClient } from '../testing/feed-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

describe('commands over the feed', () => {
  let gateway: TestGateway;
  let client: FeedClient;
  beforeEach(async () => {
    gateway = await startTestGateway({ feed: { maxCommandsPerSocket: 2 } });
    client = await connectFeed(gateway.url);
  });
  afterEach(() => gateway.stop());

  const ask = (message: object) => {
    client.say(message);
    return client.next();
  };

  it.each([
    [
      'start',
      { type: 'start', workflow: 'greet', inputs: { name: 'Ann' }, labels: { team: 'core' }, idempotencyKey: 'k-1' },
      ['POST', '/v1/runs', { workflow: 'greet', inputs: { name: 'Ann' }, labels: { team: 'core' } }, { 'idempotency-key': 'k-1' }],
    ],
    [
      'signal',
      { type: 'signal', runId: 'r-1', name: 'paid', payload: { amount: 3 }, id: 's-1' },
      ['POST', '/v1/runs/r-1/signals/paid', { payload: { amount: 3 }, id: 's-1' }, {}],
    ],
    [
      'signal under the idempotency key',
      { type: 'signal', runId: 'r-1', name: 'paid', idempotencyKey: 'k-2' },
      ['POST', '/v1/runs/r-1/signals/paid', {}, { 'idempotency-key': 'k-2' }],
    ],
    ['query', { type: 'query', runId: 'r-1', name: 'amount' }, ['POST', '/v1/runs/r-1/queries/amount', {}, {}]],
    ['pause', { type: 'pause', runId: 'r-1', reason: 'lunch' }, ['POST', '/v1/runs/r-1/pause', { reason: 'lunch' }, {}]],
    ['resume', { type: 'resume', runId: 'r-1' }, ['POST', '/v1/runs/r-1/resume', {}, {}]],
    ['cancel', { type: 'cancel', runId: 'r-1', force: true }, ['POST', '/v1/runs/r-1/cancel', { force: true }, {}]],
    [
      'approve',
      { type: 'approve', approvalId: 'a-1', payloadHash: A_HASH },
      ['POST', '/v1/approvals/a-1/approve', { payloadHash: A_HASH }, {}],
    ],
    [
      'reject',
      { type: 'reject', approvalId: 'a-1', payloadHash: A_HASH, reason: 'no' },
      ['POST', '/v1/approvals/a-1/reject', { payloadHash: A_HASH, reason: 'no' }, {}],
    ],
  ] as const)('do what REST does, and answer what it answers: %s', async (_, message, [method, path, json, headers]) => {
    const byRest = await gateway.call(method, path, { json, headers });
    const asked = gateway.services.calls.at(-1);
    const answer = await ask({ ...message, ref: 'c-1' });
    expect(gateway.services.calls.at(-1)).toEqual(asked);
    expect(answer).toEqual({ type: 'done', ref: 'c-1', result: byRest.json });
    expect(feedMessage.parse(answer)).toEqual(answer);
  });

  it('are refused as REST refuses them, under their ref', async () => {
    const answer = await ask({ type: 'cancel', ref: 'c-1', runId: '' });
    expect(answer).toMatchObject({ type: 'error', ref: 'c-1', problem: { code: 'INVALID_REQUEST', status: 400 } });
    expect(answer).not.toHaveProperty('id');
    expect(feedMessage.parse(answer)).toMatchObject({ ref: 'c-1' });
  });

  it('are done by the actor that the socket or the command names', async () => {
    await ask({ type: 'pause', ref: 'c-1', runId: 'r-1' });
    expect(gateway.services.calls.at(-1)?.request).toMatchObject({ actor: 'user:local' });
    await ask({ type: 'pause', ref: 'c-1', runId: 'r-1', actor: 'user:ann' });
    expect(gateway.services.calls.at(-1)?.request).toMatchObject({ actor: 'user:ann' });
    client = await connectFeed(gateway.url, { headers: { authorization: `Bearer ${TOKEN}`, 'tutti-actor': 'user:bob' } });
    await ask({ type: 'pause', ref: 'c-1', runId: 'r-1' });
    expect(gateway.services.calls.at(-1)?.request).toMatchObject({ actor: 'user:bob' });
  });

  it('are refused while the service stops, but for what only asks', async () => {
    gateway.gateway.markUnready('the service is stopping');
    expect(await ask({ type: 'pause', ref: 'c-1', runId: 'r-1' })).toMatchObject({
      type: 'error',
      ref: 'c-1',
      problem: { code: 'SHUTTING_DOWN' },
    });
    expect(await ask({ type: 'query', ref: 'c-2', runId: 'r-1', name: 'amount' })).toMatchObject({ type: 'done', ref: 'c-2' });
  });

  describe('that take their time', () => {
    let release: ((position: number) => void)[];
    beforeEach(() => {
      release = [];
      const wait = (): Promise<{ position: number }> => new Promise((resolve) => release.push((position) => resolve({ position })));
      gateway.services.pauseRun = wait;
      gateway.services.resumeRun = wait;
    });
    const begun = async (count: number): Promise<void> => {
      client.say({ type: 'ping' });
      await client.next();
      expect(release).toHaveLength(count);
    };

    it('are done one after the other for one run, at once for several', async () => {
      client.say({ type: 'pause', ref: 'first', runId: 'r-1' });
      client.say({ type: 'resume', ref: 'second', runId: 'r-1' });
      await begun(1);
      release[0]?.(1);
      expect(await client.next()).toMatchObject({ ref: 'first' });
      client.say({ type: 'pause', ref: 'third', runId: 'r-2' });
      await begun(3);
      release[1]?.(2);
      expect(await client.next()).toMatchObject({ ref: 'second', result: { position: 2 } });
    });

    it('are bounded, each under a ref of its own', async () => {
      client.say({ type: 'pause', ref: 'first', runId: 'r-1' });
      expect(await ask({ type: 'pause', ref: 'first', runId: 'r-2' })).toMatchObject({
        ref: 'first',
        problem: { code: 'INVALID_REQUEST' },
      });
      client.say({ type: 'pause', ref: 'second', runId: 'r-2' });
      expect(await ask({ type: 'pause', ref: 'third', runId: 'r-3' })).toMatchObject({ ref: 'third', problem: { code: 'OVERLOADED' } });
      release[0]?.(1);
      expect(await client.next()).toMatchObject({ type: 'done', ref: 'first' });
      client.say({ type: 'pause', ref: 'third', runId: 'r-3' });
      await begun(3);
    });
  });
});
