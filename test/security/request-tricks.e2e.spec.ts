import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone } from '../product/standalone-process.js';
import { logOf, sendRaw } from './raw-connection.js';

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  system = await Standalone.start({
    config: { gateway: { maxBodyBytes: 1_048_576, limits: { connections: { headersTimeoutMs: 3_000 } } } },
  });
}, 60_000);
afterAll(cleanUp);

const authorized = (): string => `Host: localhost\r\nAuthorization: Bearer ${system.token}\r\n`;
/** Answered before anything behind it counts. */
const LAST = 'Connection: close\r\n';

/** A cancellation hidden behind another request: were it taken for a request of its own, there would be a second answer. */
const HIDDEN = 'POST /v1/runs/r-1/cancel HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n';

describe('two ways to say where a request ends', () => {
  it.each([
    ['both a length and chunks', `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['chunks and a length', `Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['two lengths', `Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}${HIDDEN}`],
    ['two lengths in one', `Content-Length: 2, 30\r\n\r\n{}${HIDDEN}`],
    ['a length with a sign', `Content-Length: +2\r\n\r\n{}${HIDDEN}`],
    ['a negative length', `Content-Length: -1\r\n\r\n${HIDDEN}`],
    ['a length that is no number', `Content-Length: 2x\r\n\r\n{}${HIDDEN}`],
    ['a length too large for any number', `Content-Length: 99999999999999999999\r\n\r\n${HIDDEN}`],
    ['chunks under a strange name', `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['chunks that are not last', `Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['chunks behind a space', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['a chunk size that is none', `Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n${HIDDEN}`],
    ['a chunk longer than it says', `Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n${HIDDEN}`],
    ['lines that end by half', `X: 1\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ])('are refused, and the connection ends: %s', async (_, rest) => {
    const answers = await sendRaw(system, `POST /v1/runs HTTP/1.1\r\n${authorized()}Content-Type: application/json\r\n${rest}`);
    expect(answers.length).toBeLessThanOrEqual(1);
    for (const answer of answers) expect([400, 413]).toContain(answer);
  });
});

describe('a header that is none', () => {
  it.each([
    ['a bare line feed', 'X-A: 1\nX-B: 2\r\n'],
    ['a bare carriage return', 'X-A: 1\rX-B: 2\r\n'],
    ['a folded line', 'X-A: 1\r\n folded\r\n'],
    ['a NUL', 'X-A: a\0b\r\n'],
    ['a control character', 'X-A: a\x07b\r\n'],
    ['a space in its name', 'X A: 1\r\n'],
    ['no name', ': 1\r\n'],
    ['no colon', 'X-A\r\n'],
  ])('is refused: %s', async (_, header) => {
    const answers = await sendRaw(system, `GET /v1/runs HTTP/1.1\r\n${authorized()}${header}${LAST}\r\n`);
    expect(answers).toEqual([400]);
  });

  it.each([
    ['a host twice', `GET /v1/runs HTTP/1.1\r\n${'Host: localhost\r\n'.repeat(2)}`, 400],
    ['no host', 'GET /v1/runs HTTP/1.1\r\n', 400],
    ['an origin twice', 'GET /v1/runs HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example\r\n', 403],
  ])('is refused for what it stands there for: %s', async (_, head, status) => {
    const answers = await sendRaw(system, `${head}Authorization: Bearer ${system.token}\r\n${LAST}\r\n`);
    expect(answers).toHaveLength(1);
    expect([status, 400, 403]).toContain(answers[0]);
  });

  it('does not make a second credential count', async () => {
    const two = `Authorization: Bearer wrong-token-0123456789\r\n`;
    const answers = await sendRaw(
      system,
      `GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n${two}Authorization: Bearer ${system.token}\r\n${LAST}\r\n`,
    );
    expect(answers).toEqual([401]);
  });

  it.each([
    ['one of 100 KB', `X-A: ${'a'.repeat(100_000)}\r\n`],
    ['ten thousand of them', Array.from({ length: 10_000 }, (_, at) => `X-${at}: 1\r\n`).join('')],
  ])('is too long: %s', async (_, headers) => {
    expect(await sendRaw(system, `GET /v1/runs HTTP/1.1\r\n${authorized()}${headers}${LAST}\r\n`)).toEqual([431]);
  });
});

describe('an address that goes round the door', () => {
  it.each([
    '/v1/../v1/runs',
    '/v1/..%2f..%2fetc/passwd',
    '/..%5c..%5cwindows',
    '/v1/runs%2f..%2fagents',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../../../etc/passwd',
    '//v1/runs',
    '/v1//runs',
    '/v1/runs/',
    '/V1/RUNS',
    '/v1/runs;admin=true',
    '/v1/runs%00',
    '/v1/runs%0d%0aX-Injected:%201',
    '/health/live/../../v1/runs',
    '/health/live%2f..%2f..%2fv1%2fruns',
    '/assets/../../../package.json',
    '/%c0%ae%c0%ae/etc/passwd',
    '/%',
  ])('lets nobody in without a credential, and is not found with one: %s', async (target) => {
    const [without] = await sendRaw(system, `GET ${target} HTTP/1.1\r\nHost: localhost\r\n${LAST}\r\n`);
    expect([400, 401, 404]).toContain(without);
    const [withOne] = await sendRaw(system, `GET ${target} HTTP/1.1\r\n${authorized()}${LAST}\r\n`);
    expect([400, 404]).toContain(withOne);
  });

  it.each([
    ['a whole URL of another host', 'GET http://evil.example/v1/runs HTTP/1.1', [400, 401, 403, 404]],
    ['a whole URL of this host', 'GET http://localhost/v1/runs HTTP/1.1', [400, 401, 404]],
    ['an authority', 'CONNECT evil.example:443 HTTP/1.1', [400, 404, 405]],
    ['an asterisk', 'OPTIONS * HTTP/1.1', [400, 401, 404, 204]],
    ['no path', 'GET  HTTP/1.1', [400]],
    ['a method that is none', 'STEAL /v1/runs HTTP/1.1', [400]],
    ['a tunnel back', 'TRACE /v1/runs HTTP/1.1', [400, 401, 404, 405]],
    ['an older HTTP', 'GET /v1/runs HTTP/1.0', [401]],
    ['an oldest HTTP', 'GET /v1/runs', [400, 401]],
    ['a newer HTTP', 'GET /v1/runs HTTP/9.9', [400, 505]],
    ['HTTP/2 by surprise', 'PRI * HTTP/2.0', [400]],
  ])('says nothing to who asks by %s', async (_, line, expected) => {
    const answers = await sendRaw(system, `${line}\r\nHost: localhost\r\n${LAST}\r\n`);
    // A tunnel is closed without a word.
    for (const answer of answers) expect(expected).toContain(answer);
    expect(answers.length).toBeLessThanOrEqual(1);
  });

  it.each([
    ['h2c', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'],
    [
      'a WebSocket elsewhere',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n',
    ],
    ['a WebSocket without a key', 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n'],
    ['TLS', 'Connection: Upgrade\r\nUpgrade: TLS/1.3\r\n'],
  ])('is not left by an upgrade: %s', async (_, headers) => {
    const [answer] = await sendRaw(system, `GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n${HIDDEN}`, 3_000);
    expect([400, 401, 404]).toContain(answer);
  });

  it('is not reached by headers that rewrite it', async () => {
    const headers = 'X-Original-URL: /v1/runs\r\nX-Rewrite-URL: /v1/runs\r\nX-HTTP-Method-Override: POST\r\n';
    expect(await sendRaw(system, `GET /version HTTP/1.1\r\nHost: localhost\r\n${headers}${LAST}\r\n`)).toEqual([200]);
    expect(
      await sendRaw(system, `GET /v1/access/me HTTP/1.1\r\nHost: localhost\r\n${headers.replaceAll('/v1/runs', '/version')}${LAST}\r\n`),
    ).toEqual([401]);
  });
});

describe('a body that grows', () => {
  const post = (headers: Readonly<Record<string, string>>, body: string | Uint8Array): Promise<number> =>
    system.call('POST', '/v1/workflows/validate', { headers, body }).then(({ status }) => status);

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'GZIP'])('is not unpacked: %s', async (encoding) => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(await post({ 'content-encoding': encoding }, bomb)).toBe(415);
  });

  it('is refused by its length alone, and while it comes when it does not say', async () => {
    const type = 'Content-Type: application/json\r\n';
    expect(await sendRaw(system, `POST /v1/runs HTTP/1.1\r\n${authorized()}${type}Content-Length: 1073741824\r\n\r\n`)).toEqual([413]);
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    expect(
      await sendRaw(system, `POST /v1/runs HTTP/1.1\r\n${authorized()}${type}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`),
    ).toEqual([413]);
  });

  it.each([
    ['lists', '['.repeat(400_000)],
    ['objects', '{"a":'.repeat(150_000)],
    ['closed lists', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['a number', '9'.repeat(900_000)],
    ['prototypes', '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}'],
  ])('is no way to stop the process by JSON: %s', async (_, body) => {
    expect(await post({}, body)).toBeLessThan(500);
    expect((await system.call('GET', '/v1/runs')).status).toBe(200);
  });
});

describe('the system', () => {
  it('met no fault of its own in all this, and nothing was changed', async () => {
    expect((await system.call('GET', '/v1/runs')).json['runs']).toEqual([]);
    expect(logOf(system).filter(({ status = 0, msg }) => status >= 500 || msg === 'a request failed')).toEqual([]);
  });
});
