import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

describe('ETags', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it.each(['/v1/runs/r-1', '/v1/workflows/greet', '/v1/agents/writer', '/v1/schedules/nightly', '/v1/approvals/a-1', '/openapi.json'])(
    'let whoever has %s already be told so',
    async (path) => {
      const { status, headers, text } = await gateway.call('GET', path);
      expect({ status, cache: headers['cache-control'] }).toEqual({ status: 200, cache: 'private, no-cache' });
      const etag = String(headers['etag']);
      expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
      for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
        const again = await gateway.call('GET', path, { headers: { 'if-none-match': known } });
        expect(again).toMatchObject({ status: 304, text: '', headers: { etag } });
      }
      const other = await gateway.call('GET', path, { headers: { 'if-none-match': '"other"' } });
      expect(other).toMatchObject({ status: 200, text, headers: { etag } });
    },
  );

  it('are not given to lists, changes and problems', async () => {
    expect((await gateway.call('GET', '/v1/runs')).headers['etag']).toBeUndefined();
    expect((await gateway.call('POST', '/v1/runs/r-1/pause')).headers['etag']).toBeUndefined();
    expect((await gateway.call('GET', '/v1/runs/r-1?minPosition=x')).headers['etag']).toBeUndefined();
  });
});
