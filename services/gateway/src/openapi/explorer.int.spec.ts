import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send } from '../testing/http-client.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';
import { openApiDocument } from './document.js';

describe('the description of the API', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.stop());

  it('is served to anyone', async () => {
    const { status, headers, text } = await send(gateway.url, '/openapi.json');
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json; charset=utf-8' });
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(openApiDocument('0.1.0'))));
  });

  it('is explorable with files of the gateway alone', async () => {
    const page = await send(gateway.url, '/docs');
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    const files = [...page.text.matchAll(/(?:src|href)="(?!data:)([^"]+)"/g)].map(([, file]) => String(file));
    expect(files).toHaveLength(3);
    for (const file of files) {
      expect(file).toMatch(/^\/docs\//);
      const { status, headers } = await send(gateway.url, file);
      expect({ status, type: headers['content-type'] }).toEqual({
        status: 200,
        type: expect.stringMatching(/^text\/(?:css|javascript); charset=utf-8$/),
      });
    }
  });

  it('lets no script in that does not stand in its files, and sends again only what has changed', async () => {
    const { headers } = await send(gateway.url, '/docs');
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    const etag = String(headers['etag']);
    expect(await send(gateway.url, '/docs', { headers: { 'if-none-match': etag } })).toMatchObject({ status: 304, text: '' });
  });

  it('is no way to other files', async () => {
    for (const path of ['/docs/', '/docs/package.json', '/docs/..%2f..%2fpackage.json'])
      expect((await gateway.call('GET', path)).status).toBe(404);
  });
});
