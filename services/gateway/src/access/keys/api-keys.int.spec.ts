import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AccessServiceService, RunServiceService } from '@tutti/contracts';
import { readEventStream } from '../../testing/event-stream-client.js';
import { connectFeed } from '../../testing/feed-client.js';
import { grpcCaller, until } from '../../testing/grpc-client.js';
import { aKey, callerWith } from '../../testing/bearer.js';
import { startTestGateway, type TestGateway } from '../../testing/test-gateway.js';

const HOUR = 3_600_000;
const UNAUTHENTICATED = { status: 401, json: { code: 'UNAUTHENTICATED' } };

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.stop());

async function eventsOf(stream: string) {
  const events = [];
  for await (const event of gateway.store.readStream(stream)) events.push(event);
  return events;
}

describe('an API key', () => {
  it('lets in with its role, and its changes are recorded under its name', async () => {
    const { secret } = await aKey(gateway, { name: 'deploy', role: 'operator' });
    const call = callerWith(gateway, secret);
    expect(await call('POST', '/v1/runs', { json: { workflow: 'greet' } })).toMatchObject({ status: 201 });
    expect(gateway.services.calls.at(-1)).toMatchObject({ method: 'startRun', request: { actor: 'key:deploy' } });
    expect(await call('POST', '/v1/workflows', { json: {} })).toMatchObject({
      status: 403,
      json: { code: 'PERMISSION_DENIED', details: { permission: 'workflows:write' } },
    });
    expect(await call('GET', '/v1/access/me')).toMatchObject({
      json: { caller: { actor: 'key:deploy', role: 'operator', credential: { kind: 'api-key' }, mayActAsOthers: false } },
    });
  });

  it('lets in with the permissions it lists, and nothing else', async () => {
    const { secret } = await aKey(gateway, { name: 'starter', permissions: ['runs:start'] });
    const call = callerWith(gateway, secret);
    expect(await call('POST', '/v1/runs', { json: { workflow: 'greet' } })).toMatchObject({ status: 201 });
    expect(await call('GET', '/v1/runs/r-1')).toMatchObject({ status: 403 });
    expect(await call('GET', '/v1/access/me')).toMatchObject({ json: { caller: { role: '', permissions: ['runs:start'] } } });
  });

  it('acts as nobody else', async () => {
    const { secret } = await aKey(gateway, { name: 'deploy', role: 'admin' });
    const headers = { 'tutti-actor': 'user:ann' };
    expect(await callerWith(gateway, secret)('POST', '/v1/runs', { json: { workflow: 'greet' }, headers })).toMatchObject({
      status: 403,
      json: { code: 'PERMISSION_DENIED' },
    });
    expect(gateway.services.calls).toEqual([]);
  });

  it('leaves its secret in no event and in no answer but the first', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    await callerWith(gateway, secret)('GET', '/v1/runs');
    const inner = secret.slice(-43);
    const seen = [
      ...(await eventsOf(`key-${id}`)),
      await gateway.call('GET', '/v1/access/keys'),
      await gateway.call('GET', `/v1/access/keys/${id}`),
    ];
    expect(JSON.stringify(seen)).not.toContain(inner);
    expect(JSON.stringify(await gateway.call('GET', '/v1/audit'))).not.toContain(inner);
  });

  it('is refused when its secret, id or form is another', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    const other = await aKey(gateway, { name: 'other', role: 'viewer' });
    const wrong = [
      `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`,
      `tutti_${id}_${other.secret.slice(-43)}`,
      `tutti_nobody_${secret.slice(-43)}`,
      'tutti_',
      `${secret}x`,
      `tutti_${id}`,
      secret.slice(-43),
    ];
    for (const token of wrong) expect(await callerWith(gateway, token)('GET', '/v1/runs')).toMatchObject(UNAUTHENTICATED);
  });

  it('does not stand in the way of a configured token that begins as keys do', async () => {
    await gateway.stop();
    gateway = await startTestGateway({ token: 'tutti_our_own_token_1' });
    expect(await gateway.call('GET', '/v1/access/me')).toMatchObject({ json: { caller: { credential: { kind: 'install-token' } } } });
  });

  it('is over when it expires', async () => {
    const expiresAt = new Date(gateway.runtime.clock.now() + HOUR).toISOString();
    const { secret } = await aKey(gateway, { name: 'brief', role: 'viewer', expiresAt });
    const call = callerWith(gateway, secret);
    await gateway.runtime.advance(HOUR - 1);
    expect(await call('GET', '/v1/access/me')).toMatchObject({ status: 200, json: { caller: { expiresAt } } });
    await gateway.runtime.advance(1);
    expect(await call('GET', '/v1/runs')).toMatchObject({
      ...UNAUTHENTICATED,
      json: { detail: expect.stringContaining(`expired at ${expiresAt}`) },
    });
    expect(await gateway.call('GET', '/v1/access/keys')).toMatchObject({ json: { keys: [{ name: 'brief', status: 'expired' }] } });
  });

  it('is over when it is revoked, for good, and can be revoked again', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    const revoke = () => gateway.call('POST', `/v1/access/keys/${id}/revoke`, { json: { reason: 'leaked' } });
    expect(await revoke()).toMatchObject({ status: 200 });
    expect(await callerWith(gateway, secret)('GET', '/v1/runs')).toMatchObject(UNAUTHENTICATED);
    expect(await revoke()).toMatchObject({ status: 200 });
    expect(await gateway.call('POST', `/v1/access/keys/${id}/rotate`, { json: {} })).toMatchObject({
      status: 409,
      json: { code: 'KEY_REVOKED' },
    });
    expect(await gateway.call('GET', '/v1/access/keys')).toMatchObject({ json: { keys: [] } });
    expect(await gateway.call('GET', '/v1/access/keys?includeRevoked=true')).toMatchObject({
      json: { keys: [{ id, status: 'revoked', revokedBy: 'user:local', revokeReason: 'leaked' }] },
    });
    expect(await eventsOf(`key-${id}`)).toHaveLength(2);
  });

  it('is revoked in every gateway on the log, not only in the one that was asked', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    const other = await startTestGateway({}, { beside: gateway });
    try {
      expect(await callerWith(other, secret)('GET', '/v1/access/me')).toMatchObject({ status: 200 });
      await gateway.call('POST', `/v1/access/keys/${id}/revoke`, { json: {} });
      await until(async () => (await callerWith(other, secret)('GET', '/v1/access/me')).status === 401);
    } finally {
      await other.stop();
    }
  });

  it('has both secrets for the overlap of a rotation, then the new one', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    const { json } = await gateway.call('POST', `/v1/access/keys/${id}/rotate`, { json: { overlapSeconds: 60 } });
    const renewed = String(json['secret']);
    const works = async (token: string) => (await callerWith(gateway, token)('GET', '/v1/access/me')).status === 200;
    expect([await works(secret), await works(renewed)]).toEqual([true, true]);
    await gateway.runtime.advance(60_000);
    expect([await works(secret), await works(renewed)]).toEqual([false, true]);
    await gateway.call('POST', `/v1/access/keys/${id}/rotate`, { json: { overlapSeconds: 0 } });
    expect(await works(renewed)).toBe(false);
  });

  it('hands on no more than it has, neither by a new key nor by the secret of another', async () => {
    const admin = await aKey(gateway, { name: 'admin', role: 'admin' });
    const { secret } = await aKey(gateway, { name: 'keeper', permissions: ['access:manage', 'runs:read'] });
    const call = callerWith(gateway, secret);
    expect(await call('POST', '/v1/access/keys', { json: { name: 'reader', permissions: ['runs:read'] } })).toMatchObject({ status: 201 });
    for (const json of [
      { name: 'x', role: 'viewer' },
      { name: 'x', permissions: ['runs:start'] },
    ])
      expect(await call('POST', '/v1/access/keys', { json })).toMatchObject({ status: 403, json: { code: 'PERMISSION_DENIED' } });
    expect(await call('POST', `/v1/access/keys/${admin.id}/rotate`, { json: {} })).toMatchObject({ status: 403 });
    expect(await callerWith(gateway, admin.secret)('GET', '/v1/access/me')).toMatchObject({ status: 200 });
  });

  it('has a name of its own, also when many are made at once, and one that a revoked key had', async () => {
    const make = () => gateway.call('POST', '/v1/access/keys', { json: { name: 'deploy', role: 'viewer' } });
    const statuses = (await Promise.all([make(), make(), make()])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 409, 409]);
    const keys = (await gateway.call('GET', '/v1/access/keys')).json['keys'] as readonly { readonly id: string }[];
    await gateway.call('POST', `/v1/access/keys/${keys[0]?.id}/revoke`, { json: {} });
    expect(await make()).toMatchObject({ status: 201 });
  });

  it.each([
    ['neither role nor permissions', { name: 'x' }],
    ['both', { name: 'x', role: 'viewer', permissions: ['runs:read'] }],
    ['a role that is none', { name: 'x', role: 'king' }],
    ['a permission that is none', { name: 'x', permissions: ['runs:fly'] }],
    ['a name that is no actor’s', { name: 'with space', role: 'viewer' }],
    ['an end that has passed', { name: 'x', role: 'viewer', expiresAt: '2020-01-01T00:00:00Z' }],
  ])('is not made with %s', async (_, json) => {
    expect(await gateway.call('POST', '/v1/access/keys', { json })).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  });

  it('has the hour of its last use, recorded at most once an hour', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    const call = callerWith(gateway, secret);
    const uses = async () => (await eventsOf(`key-${id}`)).filter(({ type }) => type === 'ApiKeyUsed').length;
    for (let index = 0; index < 5; index++) await call('GET', '/v1/access/me');
    await until(async () => (await uses()) === 1);
    await gateway.runtime.advance(HOUR);
    await call('GET', '/v1/access/me');
    await until(async () => (await uses()) === 2);
    expect(await gateway.call('GET', `/v1/access/keys/${id}`)).toMatchObject({
      json: { key: { lastUsedAt: '2026-01-01T01:00:00.000Z', lastUsedFrom: expect.stringContaining('127.0.0.1') } },
    });
  });

  it('is one of at most so many, as configured; revoked ones do not count', async () => {
    await gateway.stop();
    gateway = await startTestGateway({ auth: { keys: { max: 2 } } });
    const { id } = await aKey(gateway, { name: 'one', role: 'viewer' });
    await aKey(gateway, { name: 'two', role: 'viewer' });
    const third = () => gateway.call('POST', '/v1/access/keys', { json: { name: 'three', role: 'viewer' } });
    expect(await third()).toMatchObject({ status: 429, json: { code: 'OVERLOADED' } });
    await gateway.call('POST', `/v1/access/keys/${id}/revoke`, { json: {} });
    expect(await third()).toMatchObject({ status: 201 });
  });

  it('is listed in pages, oldest first', async () => {
    for (const name of ['a', 'b', 'c']) await aKey(gateway, { name, role: 'viewer' });
    const first = (await gateway.call('GET', '/v1/access/keys?pageSize=2')).json;
    expect(first['keys']).toMatchObject([{ name: 'a' }, { name: 'b' }]);
    const rest = (await gateway.call('GET', `/v1/access/keys?pageToken=${String(first['nextPageToken'])}`)).json;
    expect(rest).toMatchObject({ keys: [{ name: 'c' }], nextPageToken: '' });
    expect(await gateway.call('GET', '/v1/access/keys?pageToken=nothing')).toMatchObject({ status: 400 });
  });
});

describe('what was opened with an API key', () => {
  it('ends when the key is revoked: the feed, the stream of events, and the follow by gRPC', async () => {
    const { id, secret } = await aKey(gateway, { name: 'watcher', role: 'viewer' });
    const authorization = `Bearer ${secret}`;
    const feed = await connectFeed(gateway.url, { headers: { authorization } });
    const stream = await readEventStream(gateway.url, '/v1/events/stream', { authorization });
    const caller = grpcCaller(gateway);
    try {
      const follow = caller.follow({ after: -1 }, { authorization });
      const failed = new Promise<unknown>((resolve) => follow.on('error', resolve));
      await new Promise((resolve) => follow.once('data', resolve));
      await gateway.call('POST', `/v1/access/keys/${id}/revoke`, { json: {} });
      expect(await feed.closed).toMatchObject({ code: expect.any(Number) });
      expect(await failed).toMatchObject({ code: 16 });
      await stream.ended;
    } finally {
      caller.close();
    }
  });

  it('ends when the key expires, and when the overlap of its rotation is over', async () => {
    const expiresAt = new Date(gateway.runtime.clock.now() + HOUR).toISOString();
    const brief = await aKey(gateway, { name: 'brief', role: 'viewer', expiresAt });
    const rotated = await aKey(gateway, { name: 'rotated', role: 'viewer' });
    const open = ({ secret }: { readonly secret: string }) => connectFeed(gateway.url, { headers: { authorization: `Bearer ${secret}` } });
    const [first, second] = [await open(brief), await open(rotated)];
    await gateway.call('POST', `/v1/access/keys/${rotated.id}/rotate`, { json: { overlapSeconds: 30 } });
    await gateway.runtime.advance(30_000);
    await second.closed;
    expect(first.socket.readyState).toBe(first.socket.OPEN);
    await gateway.runtime.advance(HOUR);
    await first.closed;
  });
});

describe('access by gRPC', () => {
  it('makes, shows, rotates and revokes keys, and says who calls', async () => {
    const caller = grpcCaller(gateway);
    try {
      const access = caller.service(AccessServiceService);
      const made = await access.createKey({ name: 'deploy', role: 'operator', permissions: [], expiresAt: undefined, actor: '' });
      expect(made.key).toMatchObject({ name: 'deploy', role: 'operator', status: 'active', createdBy: 'user:local' });
      const id = made.key?.id ?? '';
      const own = caller.service(AccessServiceService, { authorization: `Bearer ${made.secret}` });
      expect(await own.getCaller({})).toMatchObject({ caller: { actor: 'key:deploy', credentialKind: 'api-key', credentialId: id } });
      await expect(own.getKey({ id, minPosition: 0 })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      const rotated = await access.rotateKey({ id, overlapSeconds: 0, actor: '' });
      await expect(own.getCaller({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await access.revokeKey({ id, reason: '', actor: '' })).toMatchObject({ position: expect.any(Number) });
      const renewed = caller.service(AccessServiceService, { authorization: `Bearer ${rotated.secret}` });
      await expect(renewed.getCaller({})).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
      expect(await access.listKeys({ includeRevoked: true, pageSize: 0, pageToken: '', minPosition: 0 })).toMatchObject({ keys: [{ id }] });
    } finally {
      caller.close();
    }
  });

  it('refuses a call that the key does not allow, before it is read, and an actor that is another', async () => {
    const { secret } = await aKey(gateway, { name: 'looks', role: 'viewer' });
    const caller = grpcCaller(gateway);
    try {
      const runs = caller.service(RunServiceService, { authorization: `Bearer ${secret}` });
      const cancel = runs.cancelRun({ runId: 'r-1', actor: '', reason: '', force: false });
      await expect(cancel).rejects.toMatchObject({ code: 'PERMISSION_DENIED', details: { permission: 'runs:control' } });
      const access = caller.service(AccessServiceService);
      await expect(access.createKey({ name: 'x', role: 'king', permissions: [], expiresAt: undefined, actor: '' })).rejects.toMatchObject({
        code: 'INVALID_REQUEST',
      });
      expect(gateway.services.calls).toEqual([]);
    } finally {
      caller.close();
    }
  });
});
