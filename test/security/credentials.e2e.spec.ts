import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSystemRuntime, GATEWAY_AUDIENCE, openServiceTokens } from '@tutti/service-kit';
import { generateKeyPair, SignJWT } from 'jose';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { heldWithin } from '../product/waiting.js';
import { logOf } from './raw-connection.js';

const TEN_MINUTES_MS = 600_000;

let system: Standalone;
beforeAll(async () => {
  buildProduct();
  system = await Standalone.start({ config: { gateway: { limits: { failedTries: { perSecond: 0.01, burst: 60 } } } } });
}, 60_000);
afterAll(cleanUp);

const ask = async (authorization: string, method = 'GET', path = '/v1/runs', body?: unknown): Promise<string> => {
  const { status, json } = await system.call(method, path, { headers: { authorization }, ...(body === undefined ? {} : { body }) });
  return status < 300 ? String(status) : `${status} ${String(json['code'])}`;
};
const UNKNOWN = '401 UNAUTHENTICATED';

interface Key {
  readonly id: string;
  readonly secret: string;
}
async function makeKey(body: Readonly<Record<string, unknown>>): Promise<Key> {
  const { json } = await system.call('POST', '/v1/access/keys', { body });
  return { id: (json['key'] as Key).id, secret: String(json['secret']) };
}

describe('without a good credential', () => {
  it.each([
    ['none', ''],
    ['an empty one', 'Bearer '],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
    ['another token', 'Bearer 0123456789abcdef0123456789abcdef'],
    ['a token that says it is not signed', `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"sub":"user:root"}')}.`],
    ['a key that nobody made', `Bearer tutti_nobody_${'a'.repeat(43)}`],
    ['a cookie’s worth of rubbish', `Bearer ${'%00'.repeat(100)}`],
  ])('nobody comes in: %s', async (_, authorization) => {
    expect(await ask(authorization)).toBe(UNKNOWN);
    expect(await ask(authorization, 'POST', '/v1/runs', { workflow: 'architecture-design' })).toBe(UNKNOWN);
    expect(await ask(authorization, 'GET', '/v1/no-such-place')).toBe(UNKNOWN);
  });

  it('only what says how the service is, and the page itself, is answered', async () => {
    for (const path of ['/health/live', '/health/ready', '/health/startup', '/version'])
      expect((await system.call('GET', path, { headers: { authorization: '' } })).status).toBe(200);
  });
});

describe('an API key', () => {
  it('allows what its role does, and no more', async () => {
    const { secret } = await makeKey({ name: 'looks', role: 'viewer' });
    expect(await ask(`Bearer ${secret}`)).toBe('200');
    expect(await ask(`Bearer ${secret}`, 'POST', '/v1/runs', { workflow: 'architecture-design' })).toBe('403 PERMISSION_DENIED');
    expect(await ask(`Bearer ${secret}`, 'GET', '/v1/access/keys')).toBe('403 PERMISSION_DENIED');
    expect(await ask(`Bearer ${secret}`, 'POST', '/v1/access/keys', { name: 'more', role: 'admin' })).toBe('403 PERMISSION_DENIED');
  });

  it('is no longer taken once it is revoked, nor with one character changed', async () => {
    const { id, secret } = await makeKey({ name: 'ends', role: 'admin' });
    expect(await ask(`Bearer ${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`)).toBe(UNKNOWN);
    expect(await ask(`Bearer ${secret}`)).toBe('200');
    await system.call('POST', `/v1/access/keys/${id}/revoke`, { body: {} });
    expect(await ask(`Bearer ${secret}`)).toBe(UNKNOWN);
  });

  it('does not act as somebody else', async () => {
    const { secret } = await makeKey({ name: 'itself', role: 'operator' });
    const headers = { authorization: `Bearer ${secret}`, 'tutti-actor': 'user:root' };
    const { json } = await system.call('POST', '/v1/runs', { headers, body: { workflow: 'architecture-design', inputs: { prd: 'x' } } });
    expect(json['code']).toBe('PERMISSION_DENIED');
  });
});

describe('a short-lived token of an agent', () => {
  const runtime = createSystemRuntime();
  const forAgent = { audience: GATEWAY_AUDIENCE, actor: 'agent:writer', permissions: ['runs:read'] };
  const tokens = (options: Partial<Parameters<typeof openServiceTokens>[0]> = {}) =>
    openServiceTokens({ dataDir: system.dataDir, service: 'agent-workers', runtime, ...options });

  it('lets it read runs in its own name, and do nothing else', async () => {
    const token = `Bearer ${await (await tokens()).issue(forAgent)}`;
    expect(await ask(token)).toBe('200');
    expect((await system.call('GET', '/v1/access/me', { headers: { authorization: token } })).json).toMatchObject({
      caller: { actor: 'agent:writer' },
    });
    expect(await ask(token, 'GET', '/v1/workflows')).toBe('403 PERMISSION_DENIED');
    expect(await ask(token, 'POST', '/v1/runs', { workflow: 'architecture-design' })).toBe('403 PERMISSION_DENIED');
  });

  it('is not taken when it is over, for somebody else, or signed by other keys, and the log says so', async () => {
    const now = runtime.clock.now();
    const past = { ...runtime, clock: { ...runtime.clock, now: () => now - TEN_MINUTES_MS, monotonic: () => 0 } };
    expect(await ask(`Bearer ${await (await tokens({ runtime: past })).issue(forAgent)}`)).toBe(UNKNOWN);
    expect(await ask(`Bearer ${await (await tokens()).issue({ ...forAgent, audience: 'tutti:processes' })}`)).toBe(UNKNOWN);
    expect(await ask(`Bearer ${await (await tokens({ dataDir: temporaryFolder() })).issue(forAgent)}`)).toBe(UNKNOWN);
    const { privateKey } = await generateKeyPair('EdDSA');
    const forged = new SignJWT({ azp: 'agent-workers', scope: 'access:manage' })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'mine', typ: 'tutti-service+jwt' })
      .setIssuer('tutti')
      .setSubject('agent:writer')
      .setAudience(GATEWAY_AUDIENCE)
      .setJti('1')
      .setIssuedAt()
      .setExpirationTime('5m');
    expect(await ask(`Bearer ${await forged.sign(privateKey)}`)).toBe(UNKNOWN);
    const isLogged = () => logOf(system).some(({ msg }) => msg === 'refused a token between services');
    expect(await heldWithin(5_000, isLogged)).toBe(true);
  });

  it('never allows what is no permission', async () => {
    const token = await (await tokens()).issue({ ...forAgent, permissions: ['runs:read', 'everything'] });
    expect(await ask(`Bearer ${token}`)).toBe(UNKNOWN);
  });
});

describe('guessing', () => {
  it('ends after some tries, and keeps out nobody who has a key, an old one or a new one', async () => {
    const { secret } = await makeKey({ name: 'known', role: 'viewer' });
    expect(await ask(`Bearer ${secret}`)).toBe('200');
    const { secret: fresh } = await makeKey({ name: 'fresh', role: 'viewer' });
    const answers: string[] = [];
    for (let at = 0; at < 80; at++) answers.push(await ask(`Bearer guess-number-${at}-0123456789`));
    expect(answers.at(-1)).toBe('429 RATE_LIMITED');
    expect(answers.filter((answer) => answer === UNKNOWN).length).toBeLessThanOrEqual(60);
    const refused = await system.call('GET', '/v1/runs', { headers: { authorization: 'Bearer guess-number-81-0123456789' } });
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect([await ask(`Bearer ${secret}`), await ask(`Bearer ${fresh}`)]).toEqual(['200', '200']);
    expect((await system.call('GET', '/v1/runs')).status).toBe(200);
  });

  it('fills no log: refusals of the unknown are so many a second', () => {
    const refused = logOf(system).filter(({ msg, actor }) => msg === 'refused' && actor === null);
    expect(refused.length).toBeGreaterThan(20);
    expect(JSON.stringify(logOf(system))).not.toMatch(/guess-number|tutti_/);
  });
});
