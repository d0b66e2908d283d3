import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send, type Answer } from '../testing/http-client.js';
import { startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const PROBLEM = { 'content-type': expect.stringContaining('application/problem+json') as unknown as string };

describe('the page beside the API', () => {
  let folder: string;
  let gateway: TestGateway;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-page-'));
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<!doctype html><meta content="%STYLE_NONCE%"><title>Tutti</title>');
    writeFileSync(join(folder, 'assets', 'index-1a.js'), 'run()');
    writeFileSync(join(folder, 'icon.svg'), '<svg/>');
    writeFileSync(join(folder, 'notes.txt'), 'not of the page');
    gateway = await startTestGateway({}, { pageDirectory: folder });
  });
  afterAll(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    send(gateway.url, path, { headers: { host: new URL(gateway.url).host, ...headers } });

  it.each(['/', '/runs', '/runs/r-1?step=draft', '/approvals', '/agents', '/workflows/x/start?version=2'])(
    'answers %s with its index, without a token, and forbids it all but what is its own',
    async (path) => {
      const answer = await open(path);
      expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('<title>Tutti</title>') as unknown as string });
      expect(answer.headers).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining("script-src 'self';") as unknown as string,
      });
    },
  );

  it('lets browsers keep for good what is named by its content', async () => {
    const answer = await open('/assets/index-1a.js');
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(answer).toMatchObject({ status: 200, text: 'run()', headers: { 'content-type': 'text/javascript; charset=utf-8' } });
  });

  it('lets in the styles of one answer by a nonce that no other answer has', async () => {
    const nonces = await Promise.all(
      ['/', '/runs'].map(async (path) => {
        const { text, headers } = await open(path);
        const nonce = /content="([^"]{20,})"/.exec(text)?.[1] ?? '';
        expect(String(headers['content-security-policy'])).toContain(`style-src 'self' 'nonce-${nonce}';`);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(2);
    expect(String((await open('/assets/index-1a.js')).headers['content-security-policy'])).not.toContain('nonce');
  });

  it('says when nothing has changed', async () => {
    const etag = String((await open('/icon.svg')).headers['etag']);
    expect(await open('/icon.svg', { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['gzip;q=0, br;q=0', undefined],
    ['identity', undefined],
  ])('compresses for who takes %p by %p', async (accepted, encoding) => {
    const { headers } = await open('/assets/index-1a.js', { 'accept-encoding': accepted });
    expect([headers['content-encoding'], headers['vary']]).toEqual([encoding, 'accept-encoding']);
  });

  it.each(['/assets/../index-1a.js', '/assets/..%2f..%2fetc%2fpasswd', '/assets/index-2b.js', '/notes.txt', '/elsewhere'])(
    'has nothing at %s',
    async (path) => {
      expect((await gateway.call('GET', path)).status).toBe(404);
      expect((await open(path)).headers).toMatchObject(PROBLEM);
    },
  );

  it('leaves the API as it is: data needs a token, and what is not there is a problem document', async () => {
    expect(await open('/v1/runs')).toMatchObject({ status: 401, headers: PROBLEM, json: { code: 'UNAUTHENTICATED' } });
    expect(await gateway.call('GET', '/v1/nothing')).toMatchObject({ status: 404, json: { code: 'ROUTE_NOT_FOUND' } });
  });

  it('is not for names that are somebody else’s, and takes no changes', async () => {
    expect(await open('/', { host: 'evil.example' })).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
    expect(await gateway.call('POST', '/runs', { json: {} })).toMatchObject({ status: 405 });
  });

  it('is not there when none was built', async () => {
    const bare = await startTestGateway({}, { pageDirectory: join(folder, 'assets') });
    expect(bare.gateway.hasPage).toBe(false);
    expect(await bare.call('GET', '/runs')).toMatchObject({ status: 404, json: { code: 'ROUTE_NOT_FOUND' } });
    await bare.stop();
  });
});
