import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { aKey, callerWith } from '../../testing/bearer.js';
import { connectFeed } from '../../testing/feed-client.js';
import { until } from '../../testing/grpc-client.js';
import { send, type Answer } from '../../testing/http-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../../testing/test-gateway.js';
import { startTokenIssuer } from '../../testing/token-issuer.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SESSION = '/v1/access/session';
const RUN = { json: { workflow: 'greet' } };
const limits = { failedTries: { burst: 10_000 } };

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway({ limits });
});
afterEach(() => gateway.stop());

/** The cookie as a browser sends it back. */
const cookieOf = ({ headers }: Answer): string => String(headers['set-cookie']).split(';')[0] ?? '';

async function signIn(call: TestGateway['call'] = gateway.call, json: unknown = {}): Promise<string> {
  const answer = await call('POST', SESSION, { json });
  expect(answer).toMatchObject({ status: 201 });
  return cookieOf(answer);
}

/** A request of the page: a browser says where it comes from. */
function fromPage(cookie: string, method = 'GET', path = '/v1/access/me', json?: unknown, at = gateway): Promise<Answer> {
  const { host, origin } = new URL(at.url);
  const from: Record<string, string> = method === 'GET' ? {} : { origin, 'sec-fetch-site': 'same-origin' };
  return send(at.url, path, {
    method,
    headers: { host, cookie, ...from, ...(json === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
}

describe('a session of the page', () => {
  it('is a cookie that scripts cannot read and other sites cannot send', async () => {
    const answer = await gateway.call('POST', SESSION, { json: {} });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^tutti_session=[a-z0-9]+\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=604800$/),
    ]);
    expect(answer).toMatchObject({
      json: { caller: { actor: 'user:local', role: 'admin', credential: { kind: 'session' }, mayActAsOthers: true } },
    });
  });

  it('is sent by https only where that is configured', async () => {
    await gateway.stop();
    gateway = await startTestGateway({ auth: { sessions: { secureCookie: true } } });
    expect((await gateway.call('POST', SESSION, { json: {} })).headers['set-cookie']).toEqual([expect.stringMatching(/; Secure$/)]);
  });

  it('lets in as the actor that was chosen with the install token, which its changes are recorded under', async () => {
    const cookie = await signIn(gateway.call, { actor: 'user:ann' });
    expect(await fromPage(cookie)).toMatchObject({ json: { caller: { actor: 'user:ann' } } });
    expect(await fromPage(cookie, 'POST', '/v1/runs', RUN.json)).toMatchObject({ status: 201 });
    expect(gateway.services.calls.at(-1)).toMatchObject({ request: { actor: 'user:ann' } });
  });

  it('of a key is the key’s own: its name, its role, no other actor', async () => {
    const { secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    const call = callerWith(gateway, secret);
    expect(await call('POST', SESSION, { json: { actor: 'user:ann' } })).toMatchObject({
      status: 403,
      json: { code: 'PERMISSION_DENIED' },
    });
    const cookie = await signIn(call);
    expect(await fromPage(cookie)).toMatchObject({ json: { caller: { actor: 'key:deploy', role: 'viewer', mayActAsOthers: false } } });
    expect(await fromPage(cookie, 'POST', '/v1/runs', RUN.json)).toMatchObject({ status: 403 });
  });

  it('is not started with another session', async () => {
    const cookie = await signIn();
    expect(await fromPage(cookie, 'POST', SESSION, {})).toMatchObject({ status: 403 });
  });

  it('ends when it is signed out of, and the cookie is taken back', async () => {
    const cookie = await signIn();
    const answer = await fromPage(cookie, 'DELETE', SESSION);
    expect(answer).toMatchObject({ status: 204 });
    expect(String(answer.headers['set-cookie'])).toMatch(/^tutti_session=; .*Max-Age=0/);
    expect(await fromPage(cookie)).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
  });

  it('counts only where no other credential is given', async () => {
    const cookie = await signIn();
    const { secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    expect(await callerWith(gateway, secret)('GET', '/v1/access/me', { headers: { cookie } })).toMatchObject({
      json: { caller: { actor: 'key:deploy' } },
    });
    expect(await callerWith(gateway, 'wrong-token-0123456789')('GET', '/v1/access/me', { headers: { cookie } })).toMatchObject({
      status: 401,
    });
  });

  it.each([
    ['another secret', (cookie: string) => `${cookie.slice(0, -2)}AA`],
    ['no secret', (cookie: string) => cookie.split('.')[0] ?? ''],
    ['the id of nobody', (cookie: string) => cookie.replace(/=[a-z0-9]+/, '=nobody')],
    ['nothing', () => 'tutti_session='],
    ['another name', (cookie: string) => cookie.replace('tutti_session', 'tutti')],
  ])('is refused with %s', async (_, change) => {
    expect(await fromPage(change(await signIn()))).toMatchObject({ status: 401 });
  });

  it('is found among other cookies', async () => {
    expect(await fromPage(`theme=dark; ${await signIn()}; other=1`)).toMatchObject({ status: 200 });
  });
});

describe('the end of a session', () => {
  const shortLived = { limits, auth: { sessions: { idleTimeoutMs: 12 * MINUTE, maxAgeMs: 168 * MINUTE } } };
  beforeEach(async () => {
    await gateway.stop();
    gateway = await startTestGateway(shortLived);
  });

  it('comes after its idle time without a request', async () => {
    const cookie = await signIn();
    for (let index = 0; index < 3; index++) {
      await gateway.runtime.advance(11 * MINUTE);
      expect(await fromPage(cookie)).toMatchObject({ status: 200 });
    }
    await gateway.runtime.advance(12 * MINUTE);
    expect(await fromPage(cookie)).toMatchObject({ status: 401 });
  });

  it('comes after its whole time, however much it is used', async () => {
    const cookie = await signIn();
    for (let minutes = 10; minutes < 168; minutes += 10) {
      await gateway.runtime.advance(10 * MINUTE);
      expect(await fromPage(cookie)).toMatchObject({ status: 200 });
    }
    await gateway.runtime.advance(8 * MINUTE);
    expect(await fromPage(cookie)).toMatchObject({ status: 401 });
  });

  it('does not come with a restart of the gateway, nor does its idle time begin anew', async () => {
    const cookie = await signIn();
    await gateway.runtime.advance(11 * MINUTE);
    await fromPage(cookie);
    const used = async () => {
      for await (const { type } of gateway.store.readAll({ filter: { types: ['SessionUsed'] } })) return type;
      return null;
    };
    await until(async () => (await used()) !== null);
    const other = await startTestGateway(shortLived, { beside: gateway });
    try {
      await gateway.runtime.advance(11 * MINUTE);
      expect(await fromPage(cookie, 'GET', '/v1/access/me', undefined, other)).toMatchObject({ status: 200 });
      await gateway.runtime.advance(12 * MINUTE);
      expect(await fromPage(cookie, 'GET', '/v1/access/me', undefined, other)).toMatchObject({ status: 401 });
    } finally {
      await other.stop();
    }
  });

  it('comes with the end of the key it was started with: revoked, or rotated', async () => {
    const [revoked, rotated] = [await aKey(gateway, { name: 'a', role: 'viewer' }), await aKey(gateway, { name: 'b', role: 'viewer' })];
    const [first, second] = [await signIn(callerWith(gateway, revoked.secret)), await signIn(callerWith(gateway, rotated.secret))];
    await gateway.call('POST', `/v1/access/keys/${revoked.id}/revoke`, { json: {} });
    await gateway.call('POST', `/v1/access/keys/${rotated.id}/rotate`, { json: { overlapSeconds: 60 } });
    expect([await fromPage(first), await fromPage(second)]).toMatchObject([{ status: 401 }, { status: 200 }]);
    await gateway.runtime.advance(60_000);
    expect(await fromPage(second)).toMatchObject({ status: 401 });
  });

  it('comes with the end of the JWT it was started with, and when its issuer is no longer taken', async () => {
    const issuer = await startTokenIssuer(() => gateway.runtime.clock.now());
    try {
      await gateway.stop();
      gateway = await startTestGateway({ limits, auth: { jwt: [{ issuer: issuer.url, audience: 'tutti', clockToleranceSeconds: 0 }] } });
      const cookie = await signIn(callerWith(gateway, await issuer.token()));
      expect(await fromPage(cookie)).toMatchObject({ json: { caller: { actor: 'user:ann', role: 'operator' } } });
      const without = await startTestGateway({ limits }, { beside: gateway });
      expect(await fromPage(cookie, 'GET', '/v1/access/me', undefined, without)).toMatchObject({ status: 401 });
      await without.stop();
      await gateway.runtime.advance(HOUR);
      expect(await fromPage(cookie)).toMatchObject({ status: 401 });
    } finally {
      await issuer.stop();
    }
  });

  it('comes with another install token', async () => {
    const cookie = await signIn();
    const other = await startTestGateway({ limits, token: 'another-token-0123456789' }, { beside: gateway });
    try {
      expect(await fromPage(cookie)).toMatchObject({ status: 200 });
      expect(await fromPage(cookie, 'GET', '/v1/access/me', undefined, other)).toMatchObject({ status: 401 });
    } finally {
      await other.stop();
    }
  });

  it('does not come for those of others, however many one starts', async () => {
    await gateway.stop();
    gateway = await startTestGateway({ limits, auth: { sessions: { max: 3 } } });
    const mine = await signIn();
    const viewer = callerWith(gateway, (await aKey(gateway, { name: 'wild', role: 'viewer' })).secret);
    const [first] = [await signIn(viewer), await signIn(viewer), await signIn(viewer), await signIn(viewer)];
    expect([await fromPage(mine), await fromPage(first)]).toMatchObject([{ status: 200 }, { status: 401 }]);
  });

  it('has the name of no service: what those do is the system’s own', async () => {
    const refused = await gateway.call('POST', SESSION, { json: { actor: 'service:coordinator' } });
    expect(refused).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
    const headers = { 'tutti-actor': 'service:coordinator' };
    expect(await gateway.call('POST', '/v1/runs', { ...RUN, headers })).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
    expect(gateway.services.calls).toEqual([]);
  });

  it('comes for the least recently used one when there are too many', async () => {
    await gateway.stop();
    gateway = await startTestGateway({ limits, auth: { sessions: { max: 2 } } });
    const [first, second] = [await signIn(), await signIn()];
    await gateway.runtime.advance(1_000);
    await fromPage(first);
    const third = await signIn();
    expect([await fromPage(first), await fromPage(second), await fromPage(third)]).toMatchObject([
      { status: 200 },
      { status: 401 },
      { status: 200 },
    ]);
  });

  it('ends the feeds that it opened', async () => {
    const cookie = await signIn();
    const { origin } = new URL(gateway.url);
    const feed = await connectFeed(gateway.url, { headers: { cookie, origin } });
    await fromPage(cookie, 'DELETE', SESSION);
    await feed.closed;
  });
});

describe('a request that another site begins', () => {
  const change = (cookie: string, headers: Readonly<Record<string, string>>) =>
    send(gateway.url, '/v1/runs', {
      method: 'POST',
      headers: { host: new URL(gateway.url).host, cookie, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(RUN.json),
    });

  it.each([
    ['says nothing of where it comes from', {}],
    ['comes from another site, as the browser says', { 'sec-fetch-site': 'cross-site' }],
    ['comes from another port of this machine', { 'sec-fetch-site': 'same-site' }],
    ['comes from nowhere, as the browser says', { 'sec-fetch-site': 'none' }],
    ['has an origin that is hidden', { origin: 'null' }],
    ['has an origin elsewhere', { origin: 'https://elsewhere.example' }],
    ['has an origin elsewhere and lies about it', { origin: 'https://elsewhere.example', 'sec-fetch-site': 'same-origin' }],
  ])('changes nothing with the cookie when it %s', async (_, headers) => {
    expect(await change(await signIn(), headers)).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
    expect(gateway.services.calls).toEqual([]);
  });

  it('changes nothing from a page that is allowed to call with credentials of its own', async () => {
    await gateway.stop();
    gateway = await startTestGateway({ limits, allowedOrigins: ['https://console.example.com'] });
    const headers = { origin: 'https://console.example.com' };
    const answer = await change(await signIn(), headers);
    expect(answer).toMatchObject({ status: 403, json: { code: 'ORIGIN_REFUSED' } });
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
    expect(await gateway.call('POST', '/v1/runs', { ...RUN, headers })).toMatchObject({ status: 201 });
  });

  it('is let in from the page itself, by either header', async () => {
    const cookie = await signIn();
    expect(await change(cookie, { origin: new URL(gateway.url).origin })).toMatchObject({ status: 201 });
    expect(await change(cookie, { 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 201 });
  });

  it('opens no WebSocket with the cookie, also from a page that is allowed to call with credentials of its own', async () => {
    await gateway.stop();
    const origin = 'https://console.example.com';
    gateway = await startTestGateway({ limits, allowedOrigins: [origin] });
    const cookie = await signIn();
    await expect(connectFeed(gateway.url, { headers: { cookie, origin } })).rejects.toThrow('403');
    const feed = await connectFeed(gateway.url, { headers: { authorization: `Bearer ${TOKEN}`, origin } });
    feed.socket.close();
    await feed.closed;
  });

  it('opens no WebSocket with the cookie: an origin must be there, and the page’s own', async () => {
    const cookie = await signIn();
    await expect(connectFeed(gateway.url, { headers: { cookie } })).rejects.toThrow('403');
    await expect(connectFeed(gateway.url, { headers: { cookie, origin: 'https://elsewhere.example' } })).rejects.toThrow('403');
    const feed = await connectFeed(gateway.url, { headers: { cookie, origin: new URL(gateway.url).origin } });
    feed.socket.close();
    await feed.closed;
  });
});
