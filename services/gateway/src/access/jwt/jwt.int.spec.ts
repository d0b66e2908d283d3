import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type CryptoKey } from 'jose';
import { callerWith } from '../../testing/bearer.js';
import { connectFeed } from '../../testing/feed-client.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';
import { startTokenIssuer, type TokenIssuer } from '../../testing/token-issuer.js';

const { clock } = createManualRuntime();
const NOW_S = clock.now() / 1_000;
/** Tries of unknown credentials are limited elsewhere; here there are many. */
const limits = { failedTries: { burst: 10_000 } };

let issuer: TokenIssuer;
let gateway: TestGateway;
beforeEach(async () => {
  issuer = await startTokenIssuer(() => gateway.runtime.clock.now());
  gateway = await startTestGateway({
    limits,
    auth: { jwt: [{ issuer: issuer.url, audience: 'tutti', keysMaxAgeMs: 600_000, keysCooldownMs: 30_000 }] },
  });
});
afterEach(() => Promise.all([gateway.stop(), issuer.stop()]));

async function restart(config: object): Promise<void> {
  await gateway.stop();
  gateway = await startTestGateway({ limits, auth: { jwt: [{ issuer: issuer.url, audience: 'tutti', ...config }] } });
}

const me = (token: string) => callerWith(gateway, token)('GET', '/v1/access/me');
const refused = (detail: string) => ({ status: 401, json: { code: 'UNAUTHENTICATED', detail: expect.stringContaining(detail) } });
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a JWT', () => {
  it('lets in as the user it names, with the role it gives, until it expires', async () => {
    const token = await issuer.token();
    expect(await me(token)).toMatchObject({
      status: 200,
      json: { caller: { actor: 'user:ann', role: 'operator', credential: { kind: 'jwt', id: issuer.url }, mayActAsOthers: false } },
    });
    const start = await callerWith(gateway, token)('POST', '/v1/runs', { json: { workflow: 'greet' } });
    expect(start).toMatchObject({ status: 201 });
    expect(gateway.services.calls.at(-1)).toMatchObject({ request: { actor: 'user:ann' } });
    expect(await callerWith(gateway, token)('POST', '/v1/access/keys', { json: { name: 'x', role: 'viewer' } })).toMatchObject({
      status: 403,
    });
  });

  it.each([
    ['another audience', { aud: 'somebody-else' }, 'aud'],
    ['no audience', { aud: undefined }, 'aud'],
    ['another issuer', { iss: 'https://elsewhere.example' }, 'issuer'],
    ['an issuer that only begins like ours', { iss: 'http://127.0.0.1' }, 'issuer'],
    ['no issuer', { iss: undefined }, 'issuer'],
    ['an end that has passed', { exp: NOW_S - 31 }, 'expired'],
    ['no end', { exp: undefined }, 'exp'],
    ['a beginning to come', { nbf: NOW_S + 31 }, 'nbf'],
    ['no name', { sub: undefined }, 'sub'],
    ['an empty name', { sub: '' }, 'sub'],
    ['a name that is more than one', { sub: 'ann user:bob' }, 'sub'],
    ['a name of another kind of actor', { sub: 'service:gateway' }, 'sub'],
    ['a name that goes on in another line', { sub: 'ann\n' }, 'sub'],
    ['a name that is no text', { sub: { $ne: 1 } }, 'sub'],
    ['a name that is too long', { sub: 'a'.repeat(101) }, 'sub'],
  ])('is refused with %s', async (_, claims, detail) => {
    expect(await me(await issuer.token(claims))).toMatchObject(refused(detail));
  });

  it('is taken a moment after its end and before its beginning, as clocks differ', async () => {
    expect(await me(await issuer.token({ exp: NOW_S - 29 }))).toMatchObject({ status: 200 });
    expect(await me(await issuer.token({ nbf: NOW_S + 29 }))).toMatchObject({ status: 200 });
  });

  it('is refused when anything in it is changed', async () => {
    const [header = '', payload = '', signature = ''] = (await issuer.token()).split('.');
    const admin = encoded({ ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), roles: ['admin'] });
    expect(await me(`${header}.${admin}.${signature}`)).toMatchObject(refused('signature'));
    expect(await me(`${header}.${payload}.${signature.slice(0, -4)}AAAA`)).toMatchObject(refused('signature'));
    expect(await me(`${header}.${payload}.`)).toMatchObject({ status: 401 });
    expect(await me(`${header}.${payload}`)).toMatchObject({ status: 401 });
    expect(await me(`${header}..${signature}`)).toMatchObject({ status: 401 });
  });

  it.each(['none', 'None', 'NONE', ''])('is refused when it says that it is signed by "%s"', async (alg) => {
    const [, payload] = (await issuer.token()).split('.');
    expect(await me(`${encoded({ alg, typ: 'JWT' })}.${payload}.`)).toMatchObject(refused('signed in a way'));
    expect(await me(`${encoded({ alg, kid: issuer.key().kid })}.${payload}.c2ln`)).toMatchObject(refused('signed in a way'));
  });

  it('is refused when it is signed with the public key as though that were a secret', async () => {
    const [, payload] = (await issuer.token()).split('.');
    const { kid, publicJwk } = issuer.key();
    const pem = await exportSPKI((await importJWK(publicJwk, 'ES256')) as CryptoKey);
    for (const secret of [pem, JSON.stringify(publicJwk), String(publicJwk.x)]) {
      const header = encoded({ alg: 'HS256', kid });
      const signature = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url');
      expect(await me(`${header}.${payload}.${signature}`)).toMatchObject(refused('signed in a way'));
    }
  });

  it('is refused when it is signed by another key under a name of the issuer’s, or brings its own', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const claims = { sub: 'ann', iss: issuer.url, aud: 'tutti', roles: ['admin'], exp: NOW_S + 60 };
    const { kid } = issuer.key();
    const forge = (header: object) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256', ...header }).sign(privateKey);
    const jwk = await crypto.subtle.exportKey('jwk', publicKey);
    for (const header of [{ kid }, { kid, jwk }, { kid, jku: 'http://127.0.0.1:1/keys' }, { kid, x5c: ['AAAA'] }, {}])
      expect(await me(await forge(header))).toMatchObject(refused('signature'));
    const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const text = `${encoded({ alg: 'RS256', kid })}.${encoded(claims)}`;
    expect(await me(`${text}.${createSign('sha256').update(text).sign(rsa).toString('base64url')}`)).toMatchObject({ status: 401 });
  });

  it.each([
    ['a path', '../../etc/passwd'],
    ['a query', "' OR 1=1 --"],
    ['a NUL', 'key-1\u0000'],
    ['a prototype', '__proto__'],
    ['a constructor', 'constructor'],
    ['five thousand characters', 'x'.repeat(5_000)],
  ])('is refused when the key it names is %s', async (_, kid) => {
    expect(await me(await issuer.token({}, { kid }))).toMatchObject({ status: 401 });
    expect(await me(await issuer.token())).toMatchObject({ status: 200 });
  });

  it('is refused when it demands something that is not known here', async () => {
    const { privateKey, kid } = issuer.key();
    const header = { alg: 'ES256', kid, crit: ['exp2'], exp2: 1 };
    const signed = new SignJWT({ sub: 'ann', iss: issuer.url, aud: 'tutti', exp: NOW_S + 60 }).setProtectedHeader(header);
    expect(await me(await signed.sign(privateKey, { crit: { exp2: true } }))).toMatchObject({ status: 401 });
  });

  it.each([
    ['whose header is no JSON', 'eyJ.e30.'],
    ['without signature', 'eyJhbGciOiJFUzI1NiJ9.e30.'],
    ['whose claims are null', 'eyJhbGciOiJFUzI1NiJ9.bnVsbA.AAAA'],
    ['of fifteen thousand characters', `eyJ${'A'.repeat(15_000)}.AAAA.AAAA`],
  ])('is refused when it is a text %s', async (_, text) => {
    expect(await me(text)).toMatchObject({ status: 401, json: { code: 'UNAUTHENTICATED' } });
  });

  it('ends what it keeps open when it expires', async () => {
    const feed = await connectFeed(gateway.url, {
      headers: { authorization: `Bearer ${await issuer.token({ exp: NOW_S + 60, roles: ['viewer'] })}` },
    });
    await gateway.runtime.advance(89_000);
    expect(feed.socket.readyState).toBe(feed.socket.OPEN);
    await gateway.runtime.advance(1_000);
    await feed.closed;
  });
});

describe('what a JWT allows', () => {
  const roleOf = async (claims: Readonly<Record<string, unknown>>) => {
    const { json } = await me(await issuer.token(claims));
    const { role, permissions } = json['caller'] as { readonly role: string; readonly permissions: readonly string[] };
    return permissions.length === 0 ? 'nothing' : role;
  };

  it('is the most able of the roles it names, or nothing', async () => {
    expect(await roleOf({ roles: ['viewer', 'author', 'operator'] })).toBe('author');
    expect(await roleOf({ roles: 'viewer operator' })).toBe('operator');
    expect(await roleOf({ roles: ['king', 7, null, { role: 'admin' }] })).toBe('nothing');
    expect(await roleOf({ roles: undefined })).toBe('nothing');
  });

  it('is what the map says of the issuer’s own roles, also inside another claim, and for everyone', async () => {
    await restart({ rolesClaim: 'realm_access.roles', roleOf: { 'tutti-admins': 'admin', staff: 'operator', '*': 'viewer' } });
    expect(await roleOf({ realm_access: { roles: ['tutti-admins'] } })).toBe('admin');
    expect(await roleOf({ realm_access: { roles: ['staff'] } })).toBe('operator');
    expect(await roleOf({ realm_access: { roles: ['admin', 'constructor', '__proto__'] } })).toBe('viewer');
    expect(await roleOf({ roles: ['tutti-admins'] })).toBe('viewer');
  });

  it('is recorded under the claim that is configured, after its prefix', async () => {
    await restart({ actorClaim: 'email', actorPrefix: 'corp.' });
    expect(await me(await issuer.token({ email: 'ann@example.com' }))).toMatchObject({
      json: { caller: { actor: 'user:corp.ann@example.com' } },
    });
    expect(await me(await issuer.token())).toMatchObject(refused('email'));
  });
});

describe('the keys of an issuer', () => {
  it('are asked for once, however many tokens come at once', async () => {
    const token = await issuer.token();
    const answers = await Promise.all(Array.from({ length: 20 }, () => me(token)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(issuer.keyRequests).toBe(1);
  });

  it('are asked for again when a token names one that is not known, at most once in the cool-down', async () => {
    await me(await issuer.token());
    await issuer.rotate({ keepOld: true });
    const token = await issuer.token();
    expect(await me(token)).toMatchObject(refused('no key'));
    await gateway.runtime.advance(30_000);
    expect(await me(token)).toMatchObject({ status: 200 });
    for (let index = 0; index < 20; index++) await me(await issuer.token({}, { kid: `made-up-${index}` }));
    expect(issuer.keyRequests).toBe(2);
  });

  it('count no more when the issuer has taken them back and they are asked for again', async () => {
    const old = await issuer.token();
    expect(await me(old)).toMatchObject({ status: 200 });
    await issuer.rotate();
    await gateway.runtime.advance(600_000);
    expect(await me(old)).toMatchObject(refused('no key'));
    expect(await me(await issuer.token())).toMatchObject({ status: 200 });
  });

  it('go on counting while the issuer does not answer', async () => {
    expect(await me(await issuer.token())).toMatchObject({ status: 200 });
    issuer.isUp = false;
    await gateway.runtime.advance(3_600_000);
    expect(await me(await issuer.token())).toMatchObject({ status: 200 });
    issuer.isUp = true;
    await issuer.rotate();
    await gateway.runtime.advance(30_000);
    expect(await me(await issuer.token())).toMatchObject({ status: 200 });
  });

  it('are missing until the issuer answers for the first time', async () => {
    issuer.isUp = false;
    const token = await issuer.token();
    expect(await me(token)).toMatchObject(refused('could not be read yet'));
    issuer.isUp = true;
    expect(await me(token)).toMatchObject(refused('could not be read yet'));
    await gateway.runtime.advance(30_000);
    expect(await me(token)).toMatchObject({ status: 200 });
  });

  it('are not taken from one who says that it is another', async () => {
    const other = await startTokenIssuer(() => gateway.runtime.clock.now());
    try {
      await gateway.stop();
      const url = other.url.replace('127.0.0.1', 'localhost');
      gateway = await startTestGateway({ limits, auth: { jwt: [{ issuer: url, audience: 'tutti' }] } });
      expect(await me(await other.token({ iss: url }))).toMatchObject(refused('could not be read yet'));
    } finally {
      await other.stop();
    }
  });

  it('are each issuer’s own: one cannot sign for another', async () => {
    const other = await startTokenIssuer(() => gateway.runtime.clock.now());
    try {
      await gateway.stop();
      const jwt = [issuer, other].map(({ url }) => ({ issuer: url, audience: 'tutti' }));
      gateway = await startTestGateway({ limits, auth: { jwt } });
      expect(await me(await issuer.token())).toMatchObject({ status: 200 });
      expect(await me(await other.token())).toMatchObject({ status: 200 });
      expect(await me(await other.token({ iss: issuer.url }))).toMatchObject(refused('signature'));
    } finally {
      await other.stop();
    }
  });
});
