import { describe, expect, it } from '@jest/globals';
import { send } from './testing/http-client.js';
import { A_CHECK, startTestGateway, TOKEN } from './testing/test-gateway.js';

describe('the life of the gateway', () => {
  it('answers only health and version until it is ready', async () => {
    await using gateway = await started({ ready: false });
    expect(await send(gateway.url, '/health/live')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect(await send(gateway.url, '/health/startup')).toMatchObject({
      status: 503,
      json: { status: 'unavailable', reasons: ['the service is starting'] },
    });
    expect(await send(gateway.url, '/health/ready')).toMatchObject({ status: 503 });
    expect(await gateway.call('GET', '/v1/runs')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      json: { code: 'SHUTTING_DOWN' },
    });
    gateway.gateway.markReady();
    expect(await send(gateway.url, '/health/startup')).toMatchObject({ status: 200 });
    expect(await send(gateway.url, '/health/ready')).toMatchObject({ status: 200, json: { reasons: [] } });
    expect(await gateway.call('GET', '/v1/runs')).toMatchObject({ status: 200 });
  });

  it('refuses changes and still answers questions once it is unready', async () => {
    await using gateway = await started();
    gateway.gateway.markUnready('the service is stopping');
    expect(await send(gateway.url, '/health/ready')).toMatchObject({ status: 503, json: { reasons: ['the service is stopping'] } });
    expect(await send(gateway.url, '/health/startup')).toMatchObject({ status: 200 });
    expect(await gateway.call('POST', '/v1/runs', { json: { workflow: 'greet' } })).toMatchObject({
      status: 503,
      json: { code: 'SHUTTING_DOWN', retryable: true },
    });
    expect(await gateway.call('GET', '/v1/runs/r-1')).toMatchObject({ status: 200 });
    expect(gateway.services.calls.map(({ method }) => method)).toEqual(['getRun']);
  });

  it('stops listening, once, however often it is asked', async () => {
    await using gateway = await started();
    await Promise.all([gateway.gateway.stop(), gateway.gateway.stop()]);
    await expect(send(gateway.url, '/health/live')).rejects.toThrow('ECONNREFUSED');
  });

  it('lets a request in flight end before it stops', async () => {
    await using gateway = await started();
    let finish = (): void => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    let arrived = (): void => {};
    const inFlight = new Promise<void>((resolve) => (arrived = resolve));
    gateway.services.getRun = async () => {
      arrived();
      await held;
      return { run: undefined };
    };
    const answer = gateway.call('GET', '/v1/runs/r-1');
    await inFlight;
    const stopped = gateway.gateway.stop();
    finish();
    expect(await answer).toMatchObject({ status: 500, headers: { connection: 'close' } });
    await stopped;
  });

  it('cuts off what does not end within the limit', async () => {
    await using gateway = await started({ drainTimeoutMs: 1_000 });
    let arrived = (): void => {};
    const inFlight = new Promise<void>((resolve) => (arrived = resolve));
    gateway.services.getRun = () => {
      arrived();
      return new Promise(() => {});
    };
    const answer = gateway.call('GET', '/v1/runs/r-1').catch((error: Error) => error.message);
    await inFlight;
    const stopped = gateway.gateway.stop();
    await gateway.runtime.advance(1_000);
    await stopped;
    expect(await answer).toContain('socket hang up');
  });

  it('tells its version, its checks and its error codes', async () => {
    await using gateway = await started();
    expect(await send(gateway.url, '/version')).toMatchObject({ json: { name: 'tutti', version: '0.1.0', node: process.versions.node } });
    expect(await gateway.call('GET', '/v1/doctor')).toMatchObject({
      json: { checks: [A_CHECK, { name: 'audit', status: 'ok' }, { name: 'load', status: 'ok' }] },
    });
    const codes = (await gateway.call('GET', '/v1/error-codes')).json['codes'];
    expect(codes).toContainEqual({ code: 'METHOD_NOT_ALLOWED', kind: 'invalid', http: 405, retryable: false, title: expect.any(String) });
    expect(codes).toContainEqual({ code: 'OVERLOADED', kind: 'exhausted', http: 429, retryable: true, title: expect.any(String) });
  });

  it('has a configured token in place of the one of the data folder', async () => {
    await using gateway = await started({ token: 'configured-token-1' });
    expect(await gateway.call('GET', '/v1/runs')).toMatchObject({ status: 200 });
    expect(await send(gateway.url, '/v1/runs', { headers: { authorization: `Bearer ${TOKEN}` } })).toMatchObject({ status: 401 });
  });
});

async function started({ ready = true, ...options }: Parameters<typeof startTestGateway>[0] & { readonly ready?: boolean } = {}) {
  const gateway = await startTestGateway(options, { ready });
  return { ...gateway, [Symbol.asyncDispose]: () => gateway.stop() };
}
