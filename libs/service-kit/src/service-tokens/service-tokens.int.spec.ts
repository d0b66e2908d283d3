import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type JWK, type JWTPayload } from 'jose';
import { silentLogger, type LogFields } from '../logger.js';
import { openServiceTokens, PROCESSES_AUDIENCE, processTokens, type ServiceTokens } from './service-tokens.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

let dataDir: string;
let runtime: ManualRuntime;
let lines: LogFields[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tutti-tokens-'));
  runtime = createManualRuntime();
  lines = [];
});
afterEach(() => rm(dataDir, { recursive: true }));

const logger = { ...silentLogger, warn: (_: string, fields?: LogFields) => void lines.push(fields ?? {}) };
const open = (service: string): Promise<ServiceTokens> => openServiceTokens({ dataDir, service, runtime, logger });
const keyFiles = (): Promise<string[]> => readdir(join(dataDir, 'service-keys'));
const unauthenticated = (message: RegExp) => ({ code: 'UNAUTHENTICATED', message: expect.stringMatching(message), retryable: false });

describe('tokens between services', () => {
  it('say who carries them, in whose name and what for, to every process of the data folder', async () => {
    const [worker, gateway] = [await open('agent-workers'), await open('gateway')];
    const token = await worker.issue({ audience: 'tutti:gateway', actor: 'agent:writer', permissions: ['runs:read', 'events:read'] });
    expect(await gateway.verify(token, 'tutti:gateway')).toEqual({
      actor: 'agent:writer',
      service: 'agent-workers',
      permissions: ['runs:read', 'events:read'],
      tokenId: expect.any(String),
      expiresAtMs: Math.floor((runtime.clock.now() + 5 * MINUTE_MS) / 1_000) * 1_000,
    });
  });

  it('are for processes, in the name of the service, and allow nothing by name unless asked for', async () => {
    const tokens = await open('coordinator');
    const { issue, verify } = processTokens(tokens);
    expect(await verify(await issue())).toMatchObject({ actor: 'service:coordinator', permissions: [] });
    await expect(tokens.verify(await issue(), 'tutti:gateway')).rejects.toMatchObject(unauthenticated(/claim aud/));
  });

  it('are the same until a fifth of their life is left', async () => {
    const tokens = await open('coordinator');
    const first = await tokens.issue();
    await runtime.advance(4 * MINUTE_MS - 1);
    expect(await tokens.issue()).toBe(first);
    await runtime.advance(1);
    expect(await tokens.issue()).not.toBe(first);
  });

  it('are over after five minutes, seen before or not', async () => {
    const [issuer, verifier, other] = [await open('a'), await open('b'), await open('c')];
    const token = await issuer.issue();
    await verifier.verify(token, PROCESSES_AUDIENCE);
    await runtime.advance(5 * MINUTE_MS - 2_000);
    await verifier.verify(token, PROCESSES_AUDIENCE);
    await runtime.advance(10_000);
    await expect(verifier.verify(token, PROCESSES_AUDIENCE)).rejects.toMatchObject(unauthenticated(/is over/));
    await expect(other.verify(token, PROCESSES_AUDIENCE)).rejects.toMatchObject(unauthenticated(/is over/));
  });
});

describe('a token that nobody issued', () => {
  const payload: JWTPayload = { sub: 'service:gateway', azp: 'gateway', scope: '', iss: 'tutti', aud: PROCESSES_AUDIENCE, jti: 'x' };
  const times = () => ({ iat: Math.floor(runtime.clock.now() / 1_000), exp: Math.floor(runtime.clock.now() / 1_000) + 60 });

  async function ownKey(): Promise<{ readonly kid: string; readonly key: Awaited<ReturnType<typeof importJWK>> }> {
    const [name = ''] = await keyFiles();
    const file = JSON.parse(await readFile(join(dataDir, 'service-keys', name), 'utf8')) as { readonly kid: string; readonly jwk: JWK };
    return { kid: file.kid, key: await importJWK(file.jwk, 'EdDSA') };
  }

  it.each([
    ['is signed by another key under a known name', async (kid: string) => sign({}, kid, (await generateKeyPair('EdDSA')).privateKey)],
    ['is signed by a key that nobody has', async () => sign({}, 'another', (await generateKeyPair('EdDSA')).privateKey)],
    [
      'is signed with what everybody may read, as a secret',
      async (kid: string) => sign({}, kid, new TextEncoder().encode(kid.repeat(2)), 'HS256'),
    ],
    ['is not signed', async () => new UnsecuredJWT({ ...payload, ...times() }).encode()],
    ['is no token', async () => 'secret'],
    ['is empty', async () => ''],
    ['is longer than any', async () => `a.${'b'.repeat(100_000)}.c`],
  ])('is refused when it %s, and the log says so', async (_, make) => {
    const tokens = await open('gateway');
    await expect(make((await ownKey()).kid).then((token) => tokens.verify(token, PROCESSES_AUDIENCE))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(lines).toEqual([{ reason: expect.any(String), othersBefore: 0 }]);
  });

  it.each([
    ['lives longer than they do', { iat: 0, exp: 9_999_999_999 }, /over|claim iat/],
    ['has no end', { exp: undefined }, /claim exp/],
    ['is of another kind of issuer', { iss: 'https://example.com' }, /claim iss/],
    ['is for nobody', { aud: undefined }, /claim aud/],
    ['is of nobody', { sub: undefined }, /claim sub/],
    ['carries what no token carries', { scope: 5 }, /no signed token/],
  ])('is refused even by the right key when it %s', async (_, change, message) => {
    const tokens = await open('gateway');
    const { kid, key } = await ownKey();
    await expect(tokens.verify(await sign(change, kid, key), PROCESSES_AUDIENCE)).rejects.toMatchObject(unauthenticated(message));
  });

  it('is refused after one character was changed', async () => {
    const tokens = await open('gateway');
    const token = await tokens.issue();
    const [header, body = '', signature] = token.split('.');
    const changed = Buffer.from(Buffer.from(body, 'base64url').toString().replace('service:gateway', 'service:gatewax')).toString(
      'base64url',
    );
    await expect(tokens.verify([header, changed, signature].join('.'), PROCESSES_AUDIENCE)).rejects.toMatchObject(
      unauthenticated(/forged/),
    );
  });

  it('fills no log: one line a second says how many there were', async () => {
    const tokens = await open('gateway');
    for (let tries = 0; tries < 50; tries++) await tokens.verify('guess', PROCESSES_AUDIENCE).catch(() => undefined);
    await runtime.advance(1_000);
    await tokens.verify('guess', PROCESSES_AUDIENCE).catch(() => undefined);
    expect(lines.map(({ othersBefore }) => othersBefore)).toEqual([0, 49]);
  });

  function sign(
    change: Readonly<Record<string, unknown>>,
    kid: string,
    key: Parameters<SignJWT['sign']>[0],
    alg = 'EdDSA',
  ): Promise<string> {
    return new SignJWT({ ...payload, ...times(), ...change }).setProtectedHeader({ alg, kid, typ: 'tutti-service+jwt' }).sign(key);
  }
});

describe('the keys of a data folder', () => {
  it('are one, for its owner alone, however many processes start at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, at) => open(`service-${at}`)));
    expect(await keyFiles()).toEqual(['000001.json']);
    expect((await stat(join(dataDir, 'service-keys', '000001.json'))).mode & 0o777).toBe(0o600);
    const token = await all[7]?.issue();
    for (const tokens of all) await tokens.verify(token ?? '', PROCESSES_AUDIENCE);
  });

  it('change every day; what the old one signed stays good until it is over, then the old one is gone', async () => {
    const [issuer, verifier] = [await open('a'), await open('b')];
    await runtime.advance(DAY_MS - 60_000);
    const old = await issuer.issue();
    await runtime.advance(60_000);
    const young = await issuer.issue({ audience: PROCESSES_AUDIENCE, actor: 'agent:writer' });
    expect(await keyFiles()).toEqual(['000001.json', '000002.json']);
    await verifier.verify(young, PROCESSES_AUDIENCE);
    await verifier.verify(old, PROCESSES_AUDIENCE);
    await runtime.advance(6 * 60_000);
    await issuer.issue();
    expect(await keyFiles()).toEqual(['000002.json']);
  });

  it('are made once when two processes change them at the same time', async () => {
    const [one, two] = [await open('one'), await open('two')];
    await runtime.advance(2 * DAY_MS);
    const [first, second] = await Promise.all([one.issue(), two.issue()]);
    await one.verify(second ?? '', PROCESSES_AUDIENCE);
    await two.verify(first ?? '', PROCESSES_AUDIENCE);
    expect(await keyFiles()).toEqual(['000001.json', '000002.json']);
  });

  it('end what they signed when they are retired, even what was verified before', async () => {
    const long = await openServiceTokens({ dataDir, service: 'long', runtime, lifetimeMs: 10 * DAY_MS });
    const short = await openServiceTokens({ dataDir, service: 'short', runtime });
    const token = await long.issue();
    await expect(short.verify(token, PROCESSES_AUDIENCE)).resolves.toMatchObject({ service: 'long' });
    await runtime.advance(DAY_MS);
    await short.issue();
    await runtime.advance(6 * MINUTE_MS);
    await expect(short.verify(token, PROCESSES_AUDIENCE)).rejects.toMatchObject(unauthenticated(/one that is over/));
  });

  it('that cannot be read are named', async () => {
    await open('a');
    await writeFile(join(dataDir, 'service-keys', '000001.json'), '{}');
    await expect(open('b')).rejects.toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('000001.json') });
  });
});
