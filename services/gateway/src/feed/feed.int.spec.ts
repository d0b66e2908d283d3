import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { connectFeed, type FeedMessage } from '../testing/feed-client.js';
import { sendBytes } from '../testing/http-client.js';
import { startTestGateway, TOKEN, type TestGateway } from '../testing/test-gateway.js';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startTestGateway({
    allowedOrigins: ['https://console.example.com'],
    feed: { maxSockets: 3, maxSubscriptionsPerSocket: 2, maxMessageBytes: 1024, maxBatch: 2 },
  });
});
afterEach(() => gateway.stop());

const eventsOf = (messages: readonly FeedMessage[]): readonly (RecordedEvent | undefined)[] => messages.map(({ event }) => event);
const cancelled = (count: number): readonly string[] => Array.from({ length: count }, () => 'RunCancelled');

describe('the way into the feed', () => {
  it.each([
    ['no token', { headers: {} }, '401', 'UNAUTHENTICATED'],
    ['another token', { headers: { authorization: 'Bearer another-token-0123456789' } }, '401', 'UNAUTHENTICATED'],
    [
      'another token as a subprotocol',
      { headers: {}, protocols: ['tutti.v1', 'tutti.token.another-token-0123456789'] },
      '401',
      'UNAUTHENTICATED',
    ],
    ['a page from elsewhere', { origin: 'http://evil.example.com' }, '403', 'ORIGIN_REFUSED'],
    ['a foreign name', { headers: { authorization: `Bearer ${TOKEN}`, host: 'evil.example.com' } }, '403', 'ORIGIN_REFUSED'],
    ['another address', { path: '/v1/runs' }, '404', 'ROUTE_NOT_FOUND'],
    ['parameters', { path: '/v1/feed?after=1' }, '404', 'ROUTE_NOT_FOUND'],
  ])('is closed to %s', async (_, options, status, code) => {
    await expect(connectFeed(gateway.url, options)).rejects.toThrow(new RegExp(`^${status} .*"code":"${code}"`));
  });

  it('is open to a browser that offers the token as a subprotocol, which is not the answered one', async () => {
    const client = await connectFeed(gateway.url, {
      headers: {},
      protocols: ['tutti.v1', `tutti.token.${TOKEN}`],
      origin: 'https://console.example.com',
    });
    expect(client.socket.protocol).toBe('tutti.v1');
  });

  it('takes so many clients and no more, until one leaves', async () => {
    const [first] = await Promise.all([1, 2, 3].map(() => connectFeed(gateway.url)));
    await expect(connectFeed(gateway.url)).rejects.toThrow(/^429 .*OVERLOADED/);
    first?.socket.close();
    await first?.closed;
    await until(() =>
      connectFeed(gateway.url).then(
        () => true,
        () => false,
      ),
    );
  });

  it('is closed while the service is starting', async () => {
    const starting = await startTestGateway({}, { ready: false });
    await expect(connectFeed(starting.url)).rejects.toThrow(/^503 .*SHUTTING_DOWN/);
    await starting.stop();
  });

  it('answers a broken handshake with a problem', async () => {
    const head = `GET /v1/feed HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${TOKEN}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await sendBytes(gateway.url, head)).toMatch(/^HTTP\/1.1 400 .*problem\+json.*INVALID_REQUEST/s);
  });

  it('tells those who ask without an upgrade what it is', async () => {
    expect(await gateway.call('GET', '/v1/feed')).toMatchObject({ status: 400, json: { detail: expect.stringContaining('WebSocket') } });
  });
});

describe('a subscription', () => {
  it('gives what was recorded, says when it has caught up, and follows', async () => {
    const past = await gateway.append('run-r-1', ...cancelled(5));
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: -1 });
    const messages = await client.take(6);
    expect(eventsOf(messages.slice(0, 5))).toEqual(past);
    expect(messages[5]).toEqual({ type: 'caught-up', id: 's', position: past[4]?.position });
    const news = await gateway.append('agent-writer', 'AgentDeregistered');
    expect(await client.next()).toEqual({ type: 'event', id: 's', event: news[0] });
  });

  it('has caught up at once when there is nothing to catch up with', async () => {
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 'empty', after: -1 });
    expect(await client.next()).toEqual({ type: 'caught-up', id: 'empty', position: -1 });
    const past = await gateway.append('run-r-1', ...cancelled(3));
    client.say({ type: 'subscribe', id: 'head', after: 'head' });
    const messages = await client.take(4);
    expect(messages.filter(({ id }) => id === 'head')).toEqual([{ type: 'caught-up', id: 'head', position: past[2]?.position }]);
  });

  it('resumes after any position without loss or repeat, while events are still coming', async () => {
    const recorded: RecordedEvent[] = [...(await gateway.append('run-r-1', ...cancelled(7)))];
    const seen: (RecordedEvent | undefined)[] = [];
    while (seen.length < 19) {
      const client = await connectFeed(gateway.url);
      client.say({ type: 'subscribe', id: 's', after: seen.at(-1)?.position ?? -1 });
      const appended = gateway.append(`run-r-${seen.length}`, ...cancelled(3));
      while (seen.length < recorded.length) {
        const message = await client.next();
        if (message.type === 'event') seen.push(message.event);
      }
      recorded.push(...(await appended));
      client.socket.terminate();
      await client.closed;
    }
    expect(seen).toEqual(recorded.slice(0, seen.length));
  });

  it('gives one run only when asked to, and catches up past the others', async () => {
    const mine = await gateway.append('run-r-1', ...cancelled(2));
    const others = await gateway.append('run-r-2', ...cancelled(4));
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: -1, runId: 'r-1' });
    const messages = await client.take(3);
    expect(eventsOf(messages.slice(0, 2))).toEqual(mine);
    expect(messages[2]).toEqual({ type: 'caught-up', id: 's', position: others[3]?.position });
  });

  it('gives the wanted categories and types only', async () => {
    await gateway.append('run-r-1', ...cancelled(2));
    const [wanted] = await gateway.append('agent-writer', 'AgentDeregistered', 'AgentRegistered');
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: -1, categories: ['agent'], types: ['AgentDeregistered', 'RunCancelled'] });
    const messages = await client.take(2);
    expect(messages).toMatchObject([{ type: 'event', event: { id: wanted?.id } }, { type: 'caught-up' }]);
  });

  it('ends when it is taken back, and its name can be used again', async () => {
    await gateway.append('run-r-1', ...cancelled(3));
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: 'head' });
    await client.next();
    client.say({ type: 'unsubscribe', id: 's' });
    client.say({ type: 'unsubscribe', id: 'never-there' });
    client.say({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    const [event] = await gateway.append('run-r-1', 'RunCancelled');
    client.say({ type: 'subscribe', id: 's', after: (event?.position ?? 0) - 1 });
    expect(await client.take(2)).toMatchObject([{ type: 'event', event: { id: event?.id } }, { type: 'caught-up' }]);
  });

  it('is refused after a position that the store has not reached', async () => {
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: 5 });
    expect(await client.next()).toMatchObject({
      type: 'error',
      id: 's',
      problem: { code: 'INVALID_REQUEST', detail: expect.stringContaining('newest event is at -1') },
    });
  });

  it('ends with an error when the store is closed', async () => {
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: -1 });
    await client.next();
    await gateway.store.close();
    expect(await client.next()).toMatchObject({ type: 'error', id: 's', problem: { code: 'SHUTTING_DOWN' } });
  });
});

describe('what a client says', () => {
  it.each([
    ['no JSON', 'hello'],
    ['an unknown type', { type: 'explode' }],
    ['no id', { type: 'subscribe', after: -1 }],
    ['no position', { type: 'subscribe', id: 's' }],
    ['a position below the first', { type: 'subscribe', id: 's', after: -2 }],
    ['an unknown member', { type: 'ping', extra: 1 }],
    ['a list', []],
    ['an empty list of types', { type: 'subscribe', id: 's', after: -1, types: [] }],
    ['too deep a nesting', '['.repeat(400) + ']'.repeat(400)],
  ])('is answered with an error when it is %s, and the socket stays open', async (_, message) => {
    const client = await connectFeed(gateway.url);
    client.say(message);
    expect(await client.next()).toMatchObject({ type: 'error', problem: { code: 'INVALID_REQUEST' } });
    client.say({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
  });

  it('is answered with an error when it is binary', async () => {
    const client = await connectFeed(gateway.url);
    client.socket.send(Buffer.from('{"type":"ping"}'));
    expect(await client.next()).toMatchObject({ type: 'error', problem: { code: 'INVALID_REQUEST' } });
  });

  it('may not open more subscriptions than the limit, nor one twice', async () => {
    const client = await connectFeed(gateway.url);
    for (const id of ['a', 'a', 'b', 'c']) client.say({ type: 'subscribe', id, after: -1 });
    const messages = await client.take(4);
    expect(messages.filter(({ type }) => type === 'error').map(({ id, problem }) => [id, problem?.code])).toEqual([
      ['a', 'INVALID_REQUEST'],
      ['c', 'OVERLOADED'],
    ]);
  });

  it('may not be longer than the limit', async () => {
    const client = await connectFeed(gateway.url);
    client.say({ type: 'ping', padding: 'x'.repeat(2_000) });
    expect(await client.closed).toMatchObject({ code: 1009 });
  });
});

/** Asks until the answer is yes; the test's own time limit ends it. */
async function until(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise((resolve) => setImmediate(resolve));
}
