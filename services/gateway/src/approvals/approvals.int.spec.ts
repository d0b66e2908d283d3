import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { A_HASH } from '../testing/fake-services.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('approvals over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.fail(null);
  });

  it('lists by status and run', async () => {
    expect(await gateway.call('GET', '/v1/approvals?status=pending&runId=r-1')).toMatchObject({
      status: 200,
      json: { approvals: [{ id: 'a-1', status: 'pending' }] },
    });
    expect(gateway.services.calls[0]?.request).toEqual({
      status: 'APPROVAL_STATUS_PENDING',
      runId: 'r-1',
      pageSize: 0,
      pageToken: '',
      minPosition: 0,
    });
  });

  it('gives one with its payload as it is', async () => {
    const answer = await gateway.call('GET', '/v1/approvals/a-1');
    expect(answer.json['approval']).toMatchObject({ id: 'a-1', status: 'pending', payload: { text: 'RUN_STATUS_RUNNING' } });
  });

  it.each([
    ['approve', true],
    ['reject', false],
  ])('passes on the decision to %s with the hash of what was shown', async (verb, approve) => {
    const answer = await gateway.call('POST', `/v1/approvals/a-1/${verb}`, {
      json: { payloadHash: A_HASH, reason: 'seen' },
      headers: { 'tutti-actor': 'user:ann' },
    });
    expect(answer).toMatchObject({ status: 200, json: { runId: 'r-1', position: 9 } });
    expect(gateway.services.calls[0]?.request).toEqual({
      approvalId: 'a-1',
      approve,
      payloadHash: A_HASH,
      reason: 'seen',
      actor: 'user:ann',
    });
  });

  it.each([undefined, {}, { payloadHash: 'abc' }, { payloadHash: A_HASH, approve: true }])('refuses the decision %j', async (json) => {
    expect(await gateway.call('POST', '/v1/approvals/a-1/approve', { json })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
    expect(gateway.services.calls).toEqual([]);
  });

  it('passes on that the payload is another one by now', async () => {
    gateway.services.fail(new TuttiError('PAYLOAD_CHANGED', 'a-1 has another payload'));
    expect(await gateway.call('POST', '/v1/approvals/a-1/approve', { json: { payloadHash: A_HASH } })).toMatchObject({
      status: 409,
      json: { code: 'PAYLOAD_CHANGED' },
    });
  });

  it('gives a decision to somebody else', async () => {
    const answer = await gateway.call('POST', '/v1/approvals/r-1.a.ok.1/delegate', { json: { to: 'user:bob', reason: 'on leave' } });
    expect(answer).toMatchObject({ status: 200, json: { runId: 'r-1', position: 9 } });
    expect(gateway.services.calls.at(-1)).toMatchObject({
      method: 'delegateApproval',
      request: { approvalId: 'r-1.a.ok.1', to: 'user:bob', reason: 'on leave' },
    });
  });
});
