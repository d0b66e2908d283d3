import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone } from '../product/standalone-process.js';
import { until } from '../product/waiting.js';
import { logOf, sendRaw } from './raw-connection.js';

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  system = await Standalone.start();
}, 60_000);
afterAll(cleanUp);

const codeOf = async (...call: Parameters<Standalone['call']>): Promise<string> => {
  const { status, json } = await system.call(...call);
  return `${status} ${String(json['code'])}`;
};

describe('a page from elsewhere, even with the token', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://127.0.0.1:1',
    'http://localhost.evil.example',
    'file://',
    'http://127.0.0.1.evil.example:4700',
    'chrome-extension://abcdefghijklmnop',
  ])('may ask nothing from %s', async (origin) => {
    expect(await codeOf('GET', '/v1/runs', { headers: { origin } })).toBe('403 ORIGIN_REFUSED');
    expect(await codeOf('POST', '/v1/runs', { headers: { origin }, body: { workflow: 'architecture-design' } })).toBe('403 ORIGIN_REFUSED');
  });

  it('is given no leave by a preflight, and reads no answer', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST', authorization: '' };
    const answer = await system.call('OPTIONS', '/v1/runs', { headers });
    expect(answer.status).toBe(403);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  it('opens no WebSocket', async () => {
    const head = `GET /v1/feed HTTP/1.1\r\nHost: ${new URL(system.url).host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
    const token = `Sec-WebSocket-Protocol: tutti.v1, tutti.token.${system.token}\r\n`;
    expect(await sendRaw(system, `${head}${token}Origin: https://evil.example\r\n\r\n`)).toEqual([403]);
    expect(await sendRaw(system, `${head.replace(/Host: .*\r\n/, 'Host: evil.example\r\n')}${token}\r\n`)).toEqual([403]);
  });
});

describe('a name that points to this machine', () => {
  it.each([
    'evil.example',
    'evil.example:4700',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '0.0.0.0',
    '[::]',
    '2130706433',
    '0x7f000001',
  ])('is refused as the host: %s', async (host) => {
    expect(await codeOf('GET', '/v1/runs', { headers: { host } })).toBe('403 ORIGIN_REFUSED');
    expect(await codeOf('GET', '/', { headers: { host, authorization: '' } })).toBe('403 ORIGIN_REFUSED');
  });

  it('is not believed from headers that only a proxy of ours would set', async () => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'localhost', forwarded: 'host=localhost' };
    expect(await codeOf('GET', '/v1/runs', { headers })).toBe('403 ORIGIN_REFUSED');
  });
});

describe('what a form of any page may send', () => {
  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'application/json-patch',
  ])('is not taken as JSON: %s', async (type) => {
    const body = '{"workflow":"architecture-design"}';
    expect(await codeOf('POST', '/v1/runs', { headers: { 'content-type': type }, body })).toBe('415 CONTENT_TYPE_UNSUPPORTED');
  });

  it('is not taken without a type either', async () => {
    const head = `POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${system.token}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`;
    expect(await sendRaw(system, head)).toEqual([415]);
  });

  it('started no run', async () => {
    expect((await system.call('GET', '/v1/runs')).json['runs']).toEqual([]);
  });
});

describe('each refusal', () => {
  it('stands in the log, with the address, what was asked and why it was refused', async () => {
    const { headers } = await system.call('GET', '/v1/agents?secret=1', { headers: { origin: 'https://evil.example' } });
    // It is written once the answer is out.
    const asked = headers['tutti-request-id'];
    const line = await until('the refusal is in the log', async () => logOf(system).find(({ requestId }) => requestId === asked) ?? null);
    expect(line).toMatchObject({ msg: 'refused', status: 403, path: '/v1/agents', route: 'listAgents', actor: null, address: '127.0.0.1' });
    expect(JSON.stringify(line)).not.toContain('secret');
  });
});
