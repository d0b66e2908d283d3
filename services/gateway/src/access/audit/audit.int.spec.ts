import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@tutti/kernel';
import { AccessServiceService } from '@tutti/contracts';
import { aKey, callerWith } from '../../testing/bearer.js';
import { readEventStream } from '../../testing/event-stream-client.js';
import { connectFeed } from '../../testing/feed-client.js';
import { grpcCaller, until } from '../../testing/grpc-client.js';
import { send } from '../../testing/http-client.js';
import { anEvent, startTestGateway, TOKEN, type TestGateway } from '../../testing/test-gateway.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway();
});
afterEach(() => gateway.stop());

async function recorded(stream: string, type: string, actor: string, data: JsonObject = {}): Promise<number> {
  const event = anEvent(gateway.runtime, type, data);
  return (await gateway.store.append(stream, [{ ...event, metadata: { ...event.metadata, actor } }], 'any')).position;
}

type Entries = readonly { readonly type: string; readonly actor: string; readonly position: number; readonly time: string }[];

async function audit(query = ''): Promise<Entries> {
  const { status, json } = await gateway.call('GET', `/v1/audit${query}`);
  expect([status, json]).toEqual([200, expect.anything()]);
  return json['entries'] as Entries;
}

describe('the audit', () => {
  it('says who did what, newest first, and leaves out what the system does by itself', async () => {
    await recorded('run-r1', 'RunStarted', 'user:ann', { workflow: 'greet' });
    await recorded('run-r1', 'TaskScheduled', 'user:ann');
    await recorded('run-r1', 'RunPaused', 'service:coordinator');
    await gateway.runtime.advance(1_000);
    const minPosition = await recorded('run-r1', 'RunCancelled', 'key:deploy', { reason: 'a mistake' });
    expect(await audit(`?minPosition=${minPosition}`)).toMatchObject([
      { type: 'RunCancelled', actor: 'key:deploy', category: 'run', stream: 'run-r1', details: { reason: 'a mistake' } },
      { type: 'RunStarted', actor: 'user:ann', details: { workflow: 'greet' } },
    ]);
  });

  it('has keys and sessions: made, used to sign in, revoked', async () => {
    const { id, secret } = await aKey(gateway, { name: 'deploy', role: 'viewer' });
    await callerWith(gateway, secret)('POST', '/v1/access/session', { json: {} });
    await gateway.runtime.advance(1);
    await gateway.call('POST', `/v1/access/keys/${id}/revoke`, { json: { reason: 'leaked' }, headers: { 'tutti-actor': 'user:bob' } });
    const found = await audit();
    expect(found[0]).toMatchObject({ type: 'ApiKeyRevoked', actor: 'user:bob', details: { reason: 'leaked' } });
    expect(found.map(({ type, actor }) => `${type} ${actor}`).sort()).toEqual([
      'ApiKeyCreated user:local',
      'ApiKeyRevoked user:bob',
      'SessionStarted key:deploy',
    ]);
  });

  it('is asked by actor, category, type and time, in pages', async () => {
    const start = gateway.runtime.clock.now();
    for (let index = 0; index < 6; index++) {
      await recorded(`run-r${index}`, 'RunStarted', index % 2 === 0 ? 'user:ann' : 'user:bob');
      await recorded(`agent-a${index}`, 'AgentPaused', 'user:ann');
      await gateway.runtime.advance(60_000);
    }
    const at = (minute: number) => encodeURIComponent(new Date(start + minute * 60_000).toISOString());
    expect(await audit('?actor=user:bob')).toHaveLength(3);
    expect(await audit('?category=agent')).toHaveLength(6);
    expect(await audit('?actor=user:ann&type=RunStarted')).toHaveLength(3);
    expect(await audit('?actor=user:ann&category=agent')).toHaveLength(6);
    expect(await audit(`?category=run&since=${at(1)}&until=${at(3)}`)).toHaveLength(2);
    expect(await audit(`?since=${encodeURIComponent(new Date(start + 240_000).toISOString().replace('Z', '+00:00'))}`)).toHaveLength(4);
    expect(await audit('?actor=user:nobody')).toEqual([]);
    const seen: number[] = [];
    for (let token = '', pages = 0; pages === 0 || token !== ''; pages++) {
      const { json } = await gateway.call('GET', `/v1/audit?pageSize=5&pageToken=${encodeURIComponent(token)}`);
      seen.push(...(json['entries'] as Entries).map(({ position }) => position));
      token = String(json['nextPageToken']);
    }
    expect(seen).toHaveLength(12);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  });

  it.each(['?since=yesterday', '?pageToken=nothing', '?pageSize=0', '?colour=red', '?minPosition=-1'])('refuses %s', async (query) => {
    expect(await gateway.call('GET', `/v1/audit${query}`)).toMatchObject({ status: 400, json: { code: 'INVALID_REQUEST' } });
  });

  it('is read with its own permission only', async () => {
    const [auditor, author] = [
      await aKey(gateway, { name: 'auditor', permissions: ['audit:read'] }),
      await aKey(gateway, { name: 'author', role: 'author' }),
    ];
    expect(await callerWith(gateway, auditor.secret)('GET', '/v1/audit')).toMatchObject({ status: 200 });
    expect(await callerWith(gateway, author.secret)('GET', '/v1/audit')).toMatchObject({ status: 403 });
  });

  it('is answered by gRPC as well', async () => {
    const minPosition = await recorded('run-r1', 'RunStarted', 'user:ann', { workflow: 'greet' });
    const caller = grpcCaller(gateway);
    try {
      const asked = {
        actor: 'user:ann',
        category: '',
        type: '',
        since: undefined,
        until: undefined,
        pageSize: 0,
        pageToken: '',
        minPosition,
      };
      expect(await caller.service(AccessServiceService).listAudit(asked)).toMatchObject({
        entries: [{ actor: 'user:ann', type: 'RunStarted', stream: 'run-r1', details: { workflow: 'greet' } }],
      });
    } finally {
      caller.close();
    }
  });
});

describe('refused requests in the audit', () => {
  it('are there by kind, with where they came from, and never with the credential', async () => {
    const { secret } = await aKey(gateway, { name: 'looks', role: 'viewer' });
    await callerWith(gateway, 'a-guess-0123456789-abc')('GET', '/v1/runs');
    await callerWith(gateway, secret)('POST', '/v1/runs', { json: { workflow: 'greet' } });
    await send(gateway.url, '/v1/runs', { headers: { authorization: `Bearer ${TOKEN}`, origin: 'https://elsewhere.example' } });
    await send(gateway.url, '/v1/runs', { headers: { authorization: `Bearer ${TOKEN}`, host: 'rebound.example' } });
    await until(async () => (await audit('?category=access')).length === 3);
    const found = await audit('?category=access');
    const byKind = Object.fromEntries(found.map((entry) => [(entry as unknown as { details: { kind: string } }).details.kind, entry]));
    expect(byKind).toMatchObject({
      credential: { actor: 'service:gateway', details: { count: 1, addresses: [{ count: 1 }], actors: [] } },
      permission: { details: { actors: [{ value: 'key:looks', count: 1 }], wanted: [{ value: 'runs:start', count: 1 }] } },
      origin: { details: { wanted: [{ value: 'https://elsewhere.example', count: 1 }] } },
    });
    expect(JSON.stringify(found)).not.toMatch(/a-guess|Bearer/);
    await gateway.runtime.advance(60_000);
    await until(async () => (await audit('?category=access')).length === 4);
    expect((await audit('?category=access'))[0]).toMatchObject({
      details: { kind: 'origin', wanted: [{ value: 'host rebound.example' }] },
    });
  });

  it('are there from messages of a WebSocket too', async () => {
    const { secret } = await aKey(gateway, { name: 'looks', role: 'viewer' });
    const feed = await connectFeed(gateway.url, { headers: { authorization: `Bearer ${secret}` } });
    feed.say({ type: 'start', ref: 'c-1', workflow: 'greet', inputs: {} });
    expect(await feed.next()).toMatchObject({ type: 'error', problem: { code: 'PERMISSION_DENIED' } });
    await until(async () => (await audit('?category=access')).length === 1);
    expect((await audit('?category=access'))[0]).toMatchObject({
      details: { actors: [{ value: 'key:looks' }], addresses: [{ value: '127.0.0.1' }], wanted: [{ value: 'runs:start' }] },
    });
    feed.socket.close();
    await feed.closed;
  });

  it('are there from gRPC too', async () => {
    const { secret } = await aKey(gateway, { name: 'looks', role: 'viewer' });
    const caller = grpcCaller(gateway);
    try {
      const access = caller.service(AccessServiceService, { authorization: `Bearer ${secret}` });
      await expect(access.getKey({ id: 'x', minPosition: 0 })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      await until(async () => (await audit('?category=access')).length === 1);
      expect((await audit('?category=access'))[0]).toMatchObject({ details: { wanted: [{ value: 'access:manage' }] } });
    } finally {
      caller.close();
    }
  });
});

describe('the events of keys, sessions and refusals', () => {
  it('are given to those who may read the audit, and to nobody else, however they ask', async () => {
    await recorded('run-r1', 'RunStarted', 'user:ann');
    const { secret } = await aKey(gateway, { name: 'looks', role: 'viewer' });
    const headers = { authorization: `Bearer ${secret}` };
    const call = callerWith(gateway, secret);
    const typesOf = (json: unknown) => (json as { readonly events: readonly { readonly type: string }[] }).events.map(({ type }) => type);
    expect(typesOf((await gateway.call('GET', '/v1/events')).json)).toEqual(['RunStarted', 'ApiKeyCreated']);
    expect(typesOf((await call('GET', '/v1/events')).json)).toEqual(['RunStarted']);
    expect(typesOf((await call('GET', '/v1/events?type=ApiKeyCreated')).json)).toEqual([]);
    for (const category of ['key', 'session', 'access'])
      expect(await call('GET', `/v1/events?category=run&category=${category}`)).toMatchObject({
        status: 403,
        json: { code: 'PERMISSION_DENIED' },
      });

    const feed = await connectFeed(gateway.url, { headers });
    feed.say({ type: 'subscribe', id: 'all', after: -1 });
    expect(await feed.take(2)).toMatchObject([{ type: 'event', event: { type: 'RunStarted' } }, { type: 'caught-up' }]);
    feed.say({ type: 'subscribe', id: 'keys', after: -1, categories: ['key'] });
    expect(await feed.next()).toMatchObject({ type: 'error', problem: { code: 'PERMISSION_DENIED' } });
    feed.socket.close();

    const stream = await readEventStream(gateway.url, '/v1/events/stream?after=-1', headers);
    expect(await stream.next()).toMatchObject({ data: { type: 'RunStarted' } });
    expect(await stream.next()).not.toMatchObject({ data: { type: 'ApiKeyCreated' } });
    stream.leave();
    await expect(readEventStream(gateway.url, '/v1/events/stream?after=-1&category=key', headers)).rejects.toThrow('403');

    const caller = grpcCaller(gateway);
    try {
      const follow = caller.follow({ after: -1 }, headers);
      const messages: unknown[] = [];
      await new Promise<void>((resolve) =>
        follow
          .on('error', () => undefined)
          .on('data', (message: { readonly caughtUp?: unknown }) => {
            messages.push(message);
            if (message.caughtUp !== undefined) resolve();
          }),
      );
      expect(JSON.stringify(messages)).not.toContain('ApiKeyCreated');
      follow.cancel();
      const refused = caller.follow({ after: -1, categories: ['session'] }, headers);
      expect(await new Promise((resolve) => refused.on('error', resolve))).toMatchObject({ code: 7 });
    } finally {
      caller.close();
    }
  });
});
