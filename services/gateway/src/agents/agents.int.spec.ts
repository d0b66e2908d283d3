import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('agents and services over REST', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());
  beforeEach(() => void (gateway.services.calls.length = 0));

  it('finds agents by all capabilities and metadata', async () => {
    const answer = await gateway.call(
      'GET',
      '/v1/agents?capability=text.write&capability=text.read&metadata.team=core&metadata.a.b=1&includeDeregistered=true',
    );
    expect(answer).toMatchObject({
      status: 200,
      json: { agents: [{ profile: { name: 'writer', metadata: { team: 'core' } }, status: 'registered' }], nextPageToken: '' },
    });
    expect(gateway.services.calls[0]?.request).toEqual({
      capabilities: ['text.write', 'text.read'],
      metadata: { team: 'core', 'a.b': '1' },
      includeDeregistered: true,
      pageSize: 0,
      pageToken: '',
      minPosition: 0,
    });
  });

  it.each(['metadata=1', 'metadata.=1', 'metadata.team=a&metadata.team=b', 'includeDeregistered=maybe', 'capability='])(
    'refuses the query %s',
    async (query) => {
      expect(await gateway.call('GET', `/v1/agents?${query}`)).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
    },
  );

  it.each(['pause', 'resume'])('%ss one agent with the reason given', async (change) => {
    gateway.services.calls.length = 0;
    const answer = await gateway.call('POST', `/v1/agents/writer/${change}`, { json: { reason: 'repair' } });
    expect(answer).toMatchObject({ status: 200, json: { position: expect.any(Number) } });
    expect(gateway.services.calls).toEqual([
      { method: `${change}Agent`, request: { name: 'writer', actor: 'user:local', reason: 'repair' } },
    ]);
  });

  it('gives one agent', async () => {
    expect(await gateway.call('GET', '/v1/agents/writer')).toMatchObject({ status: 200, json: { agent: { generation: 1 } } });
    expect(gateway.services.calls).toEqual([{ method: 'getAgent', request: { name: 'writer', minPosition: 0 } }]);
  });

  it('lists service instances with the word of their health', async () => {
    const answer = await gateway.call('GET', '/v1/services?service=coordinator&health=healthy');
    expect(answer).toMatchObject({ status: 200, json: { instances: [{ id: 'coordinator-1', health: 'healthy' }], nextPageToken: '' } });
    expect(gateway.services.calls[0]?.request).toEqual({
      service: 'coordinator',
      health: 'SERVICE_HEALTH_HEALTHY',
      metadata: {},
      pageSize: 0,
      pageToken: '',
      minPosition: 0,
    });
  });

  it('hands registrations, renewals, changes and departures of services on', async () => {
    const changes = [
      await gateway.call('POST', '/v1/services', { json: { id: 'a', service: 'metrics', version: '1', leaseMs: 5_000 } }),
      await gateway.call('POST', '/v1/services/a/renew', { json: {} }),
      await gateway.call('PUT', '/v1/services/a', { json: { addresses: ['http://127.0.0.1:1'] } }),
      await gateway.call('DELETE', '/v1/services/a'),
      await gateway.call('DELETE', '/v1/agents/writer?reason=replaced'),
    ];
    expect(changes.map(({ status }) => status)).toEqual([201, 200, 200, 200, 200]);
    expect(gateway.services.calls).toEqual([
      {
        method: 'registerService',
        request: { id: 'a', service: 'metrics', version: '1', addresses: [], metadata: {}, leaseMs: 5_000, actor: 'user:local' },
      },
      { method: 'renewService', request: { id: 'a', healthy: true } },
      { method: 'updateService', request: { id: 'a', addresses: ['http://127.0.0.1:1'], metadata: {}, actor: 'user:local' } },
      { method: 'deregisterService', request: { id: 'a', actor: 'user:local' } },
      { method: 'deregisterAgent', request: { name: 'writer', reason: 'replaced', actor: 'user:local' } },
    ]);
  });
});
