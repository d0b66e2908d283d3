import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { send } from '../testing/http-client.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.services.calls.length = 0;
  gateway.services.fail(null);
});
const asked = () => gateway.services.calls.map(({ request }) => request);

describe('publishing an event over REST', () => {
  const event = { specversion: '1.0', id: 'e1', source: '/shop', type: 'order.paid', data: { sum: 3 } };

  it('takes a CloudEvent with attributes of its own', async () => {
    const json = { ...event, subject: 'order/1', time: '2026-01-01T00:00:00Z', datacontenttype: 'application/json', region: 'eu' };
    const headers = { 'content-type': 'application/cloudevents+json', 'tutti-actor': 'user:ann' };
    expect(await gateway.call('POST', '/v1/events', { json, headers })).toMatchObject({ status: 202, json: { position: 9 } });
    expect(asked()).toEqual([
      {
        ...{ id: 'e1', source: '/shop', type: 'order.paid', subject: 'order/1', time: '2026-01-01T00:00:00Z', data: { sum: 3 } },
        ...{ dataContentType: 'application/json', extensions: { region: 'eu' }, actor: 'user:ann', traceparent: '' },
      },
    ]);
  });

  it.each([
    [{ ...event, specversion: '0.3' }, 'specversion'],
    [{ ...event, id: undefined }, 'id'],
    [{ ...event, data_base64: 'AA==' }, 'expected JSON in data'],
  ])('refuses %j', async (json, problem) => {
    expect(await gateway.call('POST', '/v1/events', { json })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST', detail: expect.stringContaining(problem) },
    });
    expect(asked()).toEqual([]);
  });

  it('needs the token like every change', async () => {
    const headers = { 'content-type': 'application/json' };
    expect(await send(gateway.url, '/v1/events', { method: 'POST', headers, body: JSON.stringify(event) })).toMatchObject({ status: 401 });
  });
});

describe('a webhook over REST', () => {
  const signed = {
    'content-type': 'application/json',
    'webhook-id': 'm1',
    'webhook-timestamp': '1767225600',
    'webhook-signature': 'v1,AAAA',
  };
  const post = (headers: Readonly<Record<string, string>>, body = '{"n": 1}', path = '/v1/hooks/shop') =>
    send(gateway.url, path, { method: 'POST', headers, body });

  it('needs no token and passes on the very text that was signed', async () => {
    expect(await post(signed)).toMatchObject({ status: 202, json: { position: 9 } });
    expect(asked()).toEqual([{ hook: 'shop', id: 'm1', timestamp: '1767225600', signature: 'v1,AAAA', body: '{"n": 1}', traceparent: '' }]);
  });

  it('answers 401 to a signature that is not right', async () => {
    gateway.services.fail(new TuttiError('UNAUTHENTICATED', 'the signature is not that of this webhook’s secret'));
    expect(await post(signed)).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
  });

  it('passes every other check of the door', async () => {
    expect(await post({ ...signed, origin: 'http://evil.example.com' })).toMatchObject({ status: 403 });
    expect(await post({ ...signed, host: 'evil.example.com' })).toMatchObject({ status: 403 });
    expect(await post({ ...signed, 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
    expect(await post(signed, 'not json')).toMatchObject({ status: 400 });
    expect(await post(signed, `"${'x'.repeat(1024 * 1024)}"`)).toMatchObject({ status: 413 });
    expect(await post({ 'content-type': 'application/json' }, 'not json')).toMatchObject({
      status: 401,
      json: { code: 'UNAUTHENTICATED' },
    });
    expect(await post(signed, '')).toMatchObject({ status: 400 });
    gateway.gateway.markUnready('the service is stopping');
    expect(await post(signed)).toMatchObject({ status: 503, json: { code: 'SHUTTING_DOWN' } });
    gateway.gateway.markReady();
    expect(asked()).toEqual([]);
  });
});
