import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@tutti/kernel';
import { connectFeed, type FeedClient } from '../testing/feed-client.js';
import { anEvent, startTestGateway, type TestGateway } from '../testing/test-gateway.js';

const EVENTS = 400;
const EVENT_BYTES = 50_000;
const STALL_LIMIT_MS = 30_000;
const PING_INTERVAL_MS = 20_000;

describe('a feed under pressure', () => {
  let gateway: TestGateway;
  let recorded: RecordedEvent[];
  let handedOver: number;
  const clients: FeedClient[] = [];

  beforeEach(async () => {
    gateway = await startTestGateway({
      feed: { bufferBytes: 65_536, maxBatch: 4, stallLimitMs: STALL_LIMIT_MS, pingIntervalMs: PING_INTERVAL_MS },
    });
    recorded = [];
    handedOver = 0;
    const subscribe = gateway.store.subscribe.bind(gateway.store);
    gateway.store.subscribe = (options) =>
      subscribe({
        ...options,
        onBatch: (events, head) => {
          handedOver += events.length;
          return options.onBatch(events, head);
        },
      });
  });
  afterEach(async () => {
    // The clock stands, so a client that does not read would never be given up.
    for (const client of clients.splice(0)) client.socket.terminate();
    await gateway.stop();
  });

  it('stops reading for a client that does not read, and goes on where it was when it does', async () => {
    await fill();
    const client = await stalledClient();
    expect(handedOver).toBeLessThan(EVENTS / 2);
    client.socket.resume();
    const messages = await client.take(EVENTS + 1);
    expect(messages.slice(0, EVENTS).map(({ event }) => event?.id)).toEqual(recorded.map(({ id }) => id));
    expect(messages[EVENTS]).toMatchObject({ type: 'caught-up' });
  });

  it('closes a client that does not read for long with 1013, at a position it can resume from', async () => {
    await fill();
    const client = await stalledClient();
    const stopped = handedOver;
    await gateway.runtime.advance(STALL_LIMIT_MS);
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 1013 });
    expect(handedOver).toBeLessThan(stopped + 8);
  });

  it('cuts the connection when the client does not take the close either', async () => {
    await fill();
    const client = await stalledClient();
    await gateway.runtime.advance(STALL_LIMIT_MS);
    await gateway.runtime.advance(2_000);
    client.socket.resume();
    expect(await client.closed).toMatchObject({ code: 1006 });
  });

  it('does not keep others waiting', async () => {
    await fill();
    await stalledClient();
    const other = await connectFeed(gateway.url);
    other.say({ type: 'subscribe', id: 's', after: -1 });
    expect(await other.take(EVENTS)).toHaveLength(EVENTS);
  });

  it('asks no more of a client that asks and does not read', async () => {
    const client = await connected();
    client.socket.pause();
    const before = gateway.runtime.pending();
    const pings = 'x'.repeat(1_000);
    for (let sent = 0; gateway.runtime.pending() === before; sent += 100) {
      for (let i = 0; i < 100; i++) client.say({ type: pings });
      await nextTurn();
      expect(sent).toBeLessThan(200_000);
    }
    client.socket.resume();
    expect(await client.next()).toMatchObject({ type: 'error' });
  });

  it('cuts off a client that answers no ping', async () => {
    const client = await connectFeed(gateway.url, { autoPong: false });
    await gateway.runtime.advance(PING_INTERVAL_MS);
    await gateway.runtime.advance(PING_INTERVAL_MS);
    expect(await client.closed).toMatchObject({ code: 1006 });
  });

  it('keeps a client that is heard of', async () => {
    const client = await connectFeed(gateway.url, { autoPong: false });
    for (let interval = 0; interval < 3; interval++) {
      await gateway.runtime.advance(PING_INTERVAL_MS);
      client.say({ type: 'ping' });
      expect(await client.next()).toEqual({ type: 'pong' });
    }
  });

  it('ends with 1001 when the gateway stops, and leaves no timer behind', async () => {
    const client = await connectFeed(gateway.url);
    client.say({ type: 'subscribe', id: 's', after: -1 });
    await client.next();
    await gateway.gateway.stop();
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(gateway.runtime.pending()).toBe(0);
  });

  async function fill(): Promise<void> {
    const data = { cancelledBy: 'user:ann', reason: 'x'.repeat(EVENT_BYTES) };
    for (let count = 0; count < EVENTS; count += 8) {
      const events = Array.from({ length: 8 }, () => anEvent(gateway.runtime, 'RunCancelled', data));
      recorded.push(...(await gateway.store.append('run-r-1', events, 'any')).events);
    }
  }

  async function connected(): Promise<FeedClient> {
    const client = await connectFeed(gateway.url);
    clients.push(client);
    return client;
  }

  /** A client that has subscribed and stopped reading, and a gateway that waits for it. */
  async function stalledClient(): Promise<FeedClient> {
    const client = await connected();
    const before = gateway.runtime.pending();
    client.say({ type: 'subscribe', id: 's', after: -1 });
    client.socket.pause();
    let last = -1;
    // The kernel's buffers take some first; the gateway stands when nothing moves any more with the stall limit armed.
    for (let still = 0; still < 200; still = last === handedOver && gateway.runtime.pending() > before ? still + 1 : 0) {
      last = handedOver;
      await nextTurn();
    }
    return client;
  }
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
