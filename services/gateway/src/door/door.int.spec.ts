import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { TuttiError } from '@tutti/kernel';
import { send, sendBytes } from '../testing/http-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

const ALLOWED = 'https://console.example.com';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const JSON_TYPE = { 'content-type': 'application/json' };

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway({ allowedOrigins: [ALLOWED], allowedHosts: ['tutti.example.com'], maxBodyBytes: 4096 });
});
afterAll(() => gateway.stop());
afterEach(() => gateway.services.fail(null));

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  send(gateway.url, path, { headers: { ...AUTHORIZED, ...headers } });
const post = (path: string, body: string, headers: Readonly<Record<string, string>> = JSON_TYPE) =>
  send(gateway.url, path, { method: 'POST', headers: { ...AUTHORIZED, ...headers }, body });

describe('the Host header', () => {
  it.each(['localhost', 'localhost:4700', 'LOCALHOST:80', '127.0.0.1:4700', '[::1]:4700', 'tutti.example.com'])(
    'may be %s',
    async (host) => {
      expect(await get('/v1/runs', { host })).toMatchObject({ status: 200 });
    },
  );

  it.each(['evil.example.com', 'localhost.evil.example.com', '127.0.0.1.nip.io:4700', '0.0.0.0', 'localhost:evil'])(
    'must not be %s',
    async (host) => {
      expect(await get('/v1/runs', { host })).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
    },
  );

  it('is looked at before the token, and on open addresses', async () => {
    const answers = await Promise.all(
      ['/v1/runs', '/version', '/nowhere'].map((path) => send(gateway.url, path, { headers: { host: 'evil.example.com' } })),
    );
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  it('must be there', async () => {
    expect(await sendBytes(gateway.url, 'GET /version HTTP/1.1\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1.1 403 .*ORIGIN_REFUSED/s);
  });

  it('must be there once', async () => {
    const answer = await sendBytes(gateway.url, 'GET /version HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 403 .*found 2/s);
  });
});

describe('the Origin header', () => {
  it('may be the gateway’s own or a configured one', async () => {
    const own = await get('/v1/runs', { host: 'localhost:4700', origin: 'http://localhost:4700' });
    const configured = await get('/v1/runs', { origin: ALLOWED });
    expect([own.status, configured.status]).toEqual([200, 200]);
    expect(configured.headers).toMatchObject({ 'access-control-allow-origin': ALLOWED, vary: 'Origin' });
  });

  it.each(['http://evil.example.com', 'null', 'http://localhost:9999', 'https://console.example.com.evil.org'])(
    'must not be %s',
    async (origin) => {
      const answer = await get('/v1/runs', { host: 'localhost:4700', origin });
      expect(answer).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  it('opens the preflight to a configured page, without a token', async () => {
    const headers = { origin: ALLOWED, 'access-control-request-method': 'POST' };
    const answer = await send(gateway.url, '/v1/runs', { method: 'OPTIONS', headers });
    expect(answer).toMatchObject({
      status: 204,
      text: '',
      headers: { 'access-control-allow-origin': ALLOWED, 'access-control-allow-methods': 'GET, HEAD, OPTIONS, POST' },
    });
    expect(
      await send(gateway.url, '/v1/runs', { method: 'OPTIONS', headers: { ...headers, origin: 'http://evil.example.com' } }),
    ).toMatchObject({ status: 403 });
  });
});

describe('the token', () => {
  it.each([
    ['no header', {}],
    ['another token', { authorization: 'Bearer another-token-0123456789' }],
    ['a longer token', { authorization: `Bearer ${TOKEN}x` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['an empty token', { authorization: 'Bearer ' }],
  ])('is refused with %s', async (_, headers) => {
    const answer = await send(gateway.url, '/v1/runs', { headers });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="tutti"' },
      json: { code: 'UNAUTHENTICATED' },
    });
    expect(answer.text).not.toContain(TOKEN);
  });

  it('is asked for before an address is said to exist or not', async () => {
    expect(await send(gateway.url, '/nowhere')).toMatchObject({ status: 401 });
  });

  it.each(['/version', '/health/live', '/health/ready', '/health/startup'])('is not needed for %s', async (path) => {
    expect(await send(gateway.url, path)).toMatchObject({ status: 200 });
  });
});

describe('bodies', () => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded'],
    ['plain text', 'text/plain'],
    ['YAML for a run', 'application/yaml'],
    ['another charset', 'application/json; charset=utf-16'],
    ['nonsense', ';;;'],
  ])('are refused as %s', async (_, contentType) => {
    expect(await post('/v1/runs', '{"workflow":"greet"}', { 'content-type': contentType })).toMatchObject({
      status: 415,
      json: { code: 'CONTENT_TYPE_UNSUPPORTED' },
    });
  });

  it('are refused without a content type, and encoded', async () => {
    expect(await post('/v1/runs', '{}', {})).toMatchObject({ status: 415 });
    expect(await post('/v1/runs', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' })).toMatchObject({ status: 415 });
  });

  it('may say their charset', async () => {
    expect(await post('/v1/runs', '{"workflow":"greet"}', { 'content-type': 'Application/JSON; charset="UTF-8"' })).toMatchObject({
      status: 201,
    });
  });

  it('are refused over the limit, whether they say their length or not', async () => {
    const body = JSON.stringify({ workflow: 'greet', inputs: { text: 'x'.repeat(5000) } });
    expect(await post('/v1/runs', body)).toMatchObject({ status: 413, json: { code: 'PAYLOAD_TOO_LARGE' } });
    const chunk = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const head = `POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`;
    expect(await sendBytes(gateway.url, head + chunk)).toMatch(/^HTTP\/1.1 413 .*PAYLOAD_TOO_LARGE/s);
  });

  it.each([
    ['malformed JSON', '{"workflow":'],
    ['no body at all', ''],
    ['JSON that is no object', '[1]'],
    ['null', 'null'],
    ['a __proto__ key', '{"workflow":"greet","inputs":{"__proto__":{"polluted":true}}}'],
    ['half a surrogate pair', '{"workflow":"greet","inputs":{"a":"\\ud800"}}'],
    ['a key with a NUL', '{"workflow":"greet","inputs":{"a\\u0000":1}}'],
    ['a number out of range', '{"workflow":"greet","inputs":{"a":1e999}}'],
    ['a name with a NUL', '{"workflow":"gr\\u0000eet"}'],
  ])('are refused with %s', async (_, body) => {
    expect(await post('/v1/runs', body)).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST', details: { problems: [expect.anything()] } },
    });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('are refused when they are no UTF-8', async () => {
    const answer = await send(gateway.url, '/v1/runs', {
      method: 'POST',
      headers: { ...AUTHORIZED, ...JSON_TYPE },
      body: Uint8Array.of(0x7b, 0xff, 0x7d),
    });
    expect(answer).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST', detail: 'the body is not UTF-8' } });
  });

  it('may nest 200 levels and no more', async () => {
    const nested = (levels: number) => `{"workflow":"greet","inputs":{"a":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
    expect(await post('/v1/runs', nested(198))).toMatchObject({ status: 201 });
    const answer = await post('/v1/runs', nested(199));
    expect(answer).toMatchObject({ status: 400, json: { detail: expect.stringContaining('nested deeper than 200 levels') } });
  });
});

describe('addresses', () => {
  it('that are not known are named', async () => {
    expect(await get('/v1/nowhere?x=1')).toMatchObject({
      status: 404,
      json: { code: 'ROUTE_NOT_FOUND', detail: 'there is no /v1/nowhere' },
    });
  });

  it.each([
    ['DELETE', '/v1/runs/r-1', 'GET, HEAD, OPTIONS'],
    ['PUT', '/v1/runs', 'GET, HEAD, OPTIONS, POST'],
    ['GET', '/v1/runs/r-1/cancel', 'OPTIONS, POST'],
    ['PROPFIND', '/v1/agents', 'GET, HEAD, OPTIONS'],
  ])('that do not take %s %s say what they take', async (method, path, allow) => {
    const answer = await gateway.call(method, path);
    expect(answer).toMatchObject({ status: 405, headers: { allow }, json: { code: 'METHOD_NOT_ALLOWED' } });
  });

  it('answer HEAD without a body', async () => {
    expect(await gateway.call('HEAD', '/v1/runs')).toMatchObject({ status: 200, text: '' });
    expect(await gateway.call('HEAD', '/v1/nowhere')).toMatchObject({ status: 404, text: '' });
  });

  it('answer OPTIONS with what they take', async () => {
    expect(await gateway.call('OPTIONS', '/v1/agents')).toMatchObject({ status: 204, headers: { allow: 'GET, HEAD, OPTIONS' } });
    expect(await gateway.call('OPTIONS', '/v1/nowhere')).toMatchObject({ status: 404 });
  });

  it.each(['/v1/runs/%', '/v1/runs/%zz', '/%ff', `/v1/runs/${'x'.repeat(500)}`, '/v1/runs/%00', '/v1/runs/%0a'])(
    'that are malformed are refused: %s',
    async (path) => {
      const answer = await get(path);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.json['code']).toBe('INVALID_REQUEST');
      expect([400, 414]).toContain(answer.status);
    },
  );
});

describe('what is no request', () => {
  it.each([
    ['nonsense', 'hello\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['an unknown method', 'BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['a bad length', 'POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten\r\n\r\n', 400, 'INVALID_REQUEST'],
    ['headers without end', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'PAYLOAD_TOO_LARGE'],
    [
      'an unknown expectation',
      'POST /v1/runs HTTP/1.1\r\nHost: localhost\r\nExpect: cake\r\nContent-Length: 0\r\n\r\n',
      417,
      'INVALID_REQUEST',
    ],
  ])('is answered with a problem: %s', async (_, bytes, status, code) => {
    const answer = await sendBytes(gateway.url, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} .*application/problem\\+json.*"code":"${code}"`, 's'));
  });

  it('is not answered twice when it follows a request that was answered', async () => {
    const answer = await sendBytes(gateway.url, 'GET /version HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\nleftovers');
    expect(answer.match(/HTTP\/1\.1/g) ?? []).toHaveLength(1);
  });

  it('is not an offer to change to HTTP/2, which is passed over', async () => {
    expect(await send(gateway.url, '/version', { headers: { connection: 'upgrade', upgrade: 'h2c' } })).toMatchObject({ status: 200 });
  });
});

describe('faults behind the door', () => {
  it('tell nothing of themselves when nobody meant them', async () => {
    gateway.services.fail(new Error('password is hunter2'));
    const answer = await get('/v1/runs/r-1');
    expect(answer).toMatchObject({
      status: 500,
      json: { code: 'INTERNAL', retryable: false, instance: `urn:uuid:${String(answer.headers['tutti-request-id'])}` },
    });
    expect(answer.text).not.toMatch(/hunter2|stack|node_modules/);
  });

  it('tell nothing when what was thrown is no error', async () => {
    gateway.services.fail('password is hunter2');
    expect((await get('/v1/runs/r-1')).text).not.toContain('hunter2');
  });

  it('carry the message of an INTERNAL nowhere', async () => {
    gateway.services.fail(new TuttiError('INTERNAL', 'password is hunter2', { details: { password: 'hunter2' } }));
    expect((await get('/v1/runs/r-1')).text).not.toContain('hunter2');
  });

  it.each([
    ['OVERLOADED', 429],
    ['STORE_LOCKED', 503],
  ] as const)('say when to come again: %s', async (code, status) => {
    gateway.services.fail(new TuttiError(code, 'not now'));
    expect(await get('/v1/runs/r-1')).toMatchObject({
      status,
      headers: { 'retry-after': '1' },
      json: { retryable: true, detail: 'not now' },
    });
  });

  it.each([
    ['RUN_NOT_FOUND', 404],
    ['IDEMPOTENCY_CONFLICT', 409],
    ['RUN_ENDED', 409],
    ['TIMED_OUT', 504],
    ['DATA_DAMAGED', 500],
  ] as const)('have the status of their kind: %s', async (code, status) => {
    gateway.services.fail(new TuttiError(code, 'so it is'));
    expect(await get('/v1/runs/r-1')).toMatchObject({ status, json: { code, status, detail: 'so it is' } });
  });
});
