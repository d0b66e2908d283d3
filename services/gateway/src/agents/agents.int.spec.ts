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
});
