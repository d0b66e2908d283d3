import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('notifications over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.services.calls.length = 0;
    gateway.services.fail(null);
  });

  it('lists by status, channel and run', async () => {
    expect(await gateway.call('GET', '/v1/notifications?status=undeliverable&channel=on-call&runId=r-1&pageSize=5')).toMatchObject({
      status: 200,
      json: { notifications: [{ id: 'ntf_1', channel: 'on-call', status: 'undeliverable', errorCode: 'HTTP_503' }], nextPageToken: '' },
    });
    expect(gateway.services.calls[0]?.request).toEqual({
      ...{ status: 'NOTIFICATION_STATUS_UNDELIVERABLE', channel: 'on-call', runId: 'r-1' },
      ...{ pageSize: 5, pageToken: '', minPosition: 0 },
    });
  });

  it('tests a channel in the name of who asks', async () => {
    const answer = await gateway.call('POST', '/v1/notifications/test', {
      json: { channel: 'mail', to: ['ann@example.com'] },
      headers: { 'tutti-actor': 'user:ann' },
    });
    expect(answer).toMatchObject({ status: 200, json: { delivered: true, answer: '204 No Content' } });
    expect(gateway.services.calls).toEqual([
      { method: 'testChannel', request: { channel: 'mail', to: ['ann@example.com'], actor: 'user:ann' } },
    ]);
  });

  it('answers for a channel that is not there with 404', async () => {
    gateway.services.fail(new TuttiError('CHANNEL_NOT_FOUND', 'there is no notification channel "x"'));
    expect(await gateway.call('POST', '/v1/notifications/test', { json: { channel: 'x' } })).toMatchObject({
      status: 404,
      json: { code: 'CHANNEL_NOT_FOUND' },
    });
  });

  it.each([
    ['GET', '/v1/notifications?status=lost', undefined],
    ['POST', '/v1/notifications/test', {}],
    ['POST', '/v1/notifications/test', { channel: 'mail', to: ['a@b.example\r\nBcc: c@d.example'] }],
    ['POST', '/v1/notifications/test', { channel: 'mail', url: 'https://example.com' }],
  ])('refuses %s %s with %j', async (method, path, json) => {
    expect(await gateway.call(method, path, json === undefined ? {} : { json })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
    expect(gateway.services.calls).toEqual([]);
  });
});
