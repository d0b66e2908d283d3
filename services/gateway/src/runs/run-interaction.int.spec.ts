import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('what is said to a run over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.repeat(false);
  });

  it('sends a signal with what it carries; the idempotency key is its id', async () => {
    const answer = await gateway.call('POST', '/v1/runs/r-1/signals/approve', {
      json: { payload: { by: 'ann' } },
      headers: { 'idempotency-key': 'key-1', 'tutti-actor': 'user:ann' },
    });
    expect(answer).toMatchObject({ status: 201, json: { signalId: 's-1', position: 8, created: true } });
    expect(gateway.services.calls).toEqual([
      {
        method: 'signalRun',
        request: { runId: 'r-1', name: 'approve', payload: { by: 'ann' }, signalId: 'key-1', actor: 'user:ann', traceparent: '' },
      },
    ]);
  });

  it('answers 200 for a signal that had come before, and takes its id from the body first', async () => {
    gateway.services.repeat(true);
    const answer = await gateway.call('POST', '/v1/runs/r-1/signals/approve', {
      json: { id: 'own' },
      headers: { 'idempotency-key': 'key-1' },
    });
    expect(answer).toMatchObject({ status: 200, json: { created: false } });
    expect(gateway.services.calls[0]?.request).toMatchObject({ signalId: 'own', payload: null });
  });

  it('sends a signal without a body', async () => {
    await gateway.call('POST', '/v1/runs/r-1/signals/approve');
    expect(gateway.services.calls[0]?.request).toMatchObject({ name: 'approve', payload: null, signalId: '', actor: 'user:local' });
  });

  it('lists what can be asked, and asks it', async () => {
    const list = await gateway.call('GET', '/v1/runs/r-1/queries');
    const answer = await gateway.call('POST', '/v1/runs/r-1/queries/progress');
    expect([list.json, answer]).toMatchObject([
      { queries: [{ name: 'state', expression: '' }] },
      { status: 200, json: { value: { done: 3 }, position: 8 } },
    ]);
    expect(gateway.services.calls).toEqual([
      { method: 'listQueries', request: { runId: 'r-1' } },
      { method: 'queryRun', request: { runId: 'r-1', name: 'progress' } },
    ]);
  });

  it('sets variables', async () => {
    const headers = { 'tutti-actor': 'user:ann' };
    const answer = await gateway.call('PATCH', '/v1/runs/r-1/variables', { json: { values: { budget: 3 }, reason: 'more' }, headers });
    expect(answer).toMatchObject({ status: 200, json: { position: 8 } });
    expect(gateway.services.calls).toEqual([
      { method: 'setVariables', request: { runId: 'r-1', values: { budget: 3 }, reason: 'more', actor: 'user:ann' } },
    ]);
  });

  it.each([
    ['POST', '/v1/runs/r-1/signals/approve', { payload: 1, surprise: 1 }],
    ['POST', '/v1/runs/r-1/queries/progress', { expression: 'inputs' }],
    ['PATCH', '/v1/runs/r-1/variables', {}],
    ['PATCH', '/v1/runs/r-1/variables', { values: [] }],
  ])('refuses %s %s with %j', async (method, path, json) => {
    expect(await gateway.call(method, path, { json })).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    expect(gateway.services.calls).toEqual([]);
  });

  it('lists runs that have all of the labels', async () => {
    await gateway.call('GET', '/v1/runs?label=team%3Dcore&label=note%3Da%3Db');
    expect(gateway.services.calls[0]?.request).toMatchObject({ labels: { team: 'core', note: 'a=b' } });
    expect((await gateway.call('GET', '/v1/runs?label=team')).status).toBe(400);
  });
});
