import { linkSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryBlobs } from '@tutti/blobs/testing';
import { createInMemoryEventBus, type InMemoryEventBus } from '@tutti/event-bus/testing';
import type { EventStore } from '@tutti/event-store';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import type { RecordedEvent } from '@tutti/kernel';
import { createInMemoryReadModels } from '@tutti/read-models/testing';
import { thingEvent } from './child-processes/thing-event.js';
import { connectStoreHost, type StoreHostClient } from './client/store-host-client.js';
import { StoreHost } from './host/store-host.js';
import type { StoreHostLimits } from './limits.js';
import { encodeFrame } from './protocol/frame-codec.js';
import { PROTOCOL_VERSION } from './protocol/messages.js';
import { realRuntime } from './real-runtime-harness.js';
import { SILENT } from './socket-harness.js';
import { storeSocketPath } from './socket-path.js';

const runtime = realRuntime(11);
const LARGE = 'x'.repeat(10_000);
const HELLO = encodeFrame(JSON.stringify({ t: 'hello', protocol: PROTOCOL_VERSION, client: 'raw' }));

describe('a store host', () => {
  let folder: string;
  let socketPath: string;
  let host: StoreHost;
  let eventBus: InMemoryEventBus;
  let clients: { close(): Promise<void> }[];
  let raws: Socket[];
  let produced: number;

  const start = async (limits: Partial<StoreHostLimits> = {}, at = socketPath) => {
    const eventStore = endless(() => (produced += 1));
    const ports = { eventStore, eventBus, blobs: createInMemoryBlobs(runtime.clock), readModels: createInMemoryReadModels() };
    host = new StoreHost({ ports, socketPath: at, runtime, logger: SILENT, limits });
    await host.listen();
  };
  const client = (): StoreHostClient => {
    const connected = connectStoreHost({ socketPath, runtime, logger: SILENT });
    clients.push(connected);
    return connected;
  };
  const raw = async (): Promise<{ readonly socket: Socket; readonly received: () => string; readonly closed: Promise<unknown> }> => {
    const socket = connect(socketPath);
    raws.push(socket);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.once('connect', resolve));
    return { socket, received: () => received, closed };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-limits-'));
    socketPath = storeSocketPath(folder);
    eventBus = createInMemoryEventBus(runtime);
    clients = [];
    raws = [];
    produced = 0;
  });
  afterEach(async () => {
    await Promise.all(clients.map((each) => each.close()));
    for (const socket of raws) socket.destroy();
    await host.close();
    rmSync(folder, { recursive: true });
  });

  it('refuses bytes that are something else, before and after hello, and goes on serving the others', async () => {
    await start({ maxFrameBytes: 1024 * 1024 });
    const other = client();
    await other.connected();
    const garbage = [
      Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
      Buffer.alloc(64, 0xff),
      encodeFrame('not json'),
      encodeFrame('null'),
      encodeFrame('[1]'),
      encodeFrame('{"t":"call","id":1,"method":"store.head","args":[]}'),
      encodeFrame(JSON.stringify({ t: 'hello', protocol: PROTOCOL_VERSION, client: 'x'.repeat(10_000) })),
      ...['{"t":"what"}', '{"t":"open","id":1}', '{"t":"open","id":{},"method":"store.readAll","args":[],"credit":1}', '{"t":"chunk"'].map(
        (text) => Buffer.concat([HELLO, encodeFrame(text)]),
      ),
      Buffer.concat([HELLO, HELLO]),
      Buffer.concat([HELLO, Buffer.from([0, 16, 0, 1, 0, 0, 0, 0])]),
    ];
    for (const bytes of garbage) {
      const { socket, closed } = await raw();
      socket.write(bytes);
      await closed;
    }
    await expect(other.eventStore.head()).resolves.toBe(5);
    expect(host.connections).toBe(1);
  });

  it('answers a method that it does not have with an error, and a call that it cannot make sense of too', async () => {
    await start();
    const { socket, received } = await raw();
    for (const [id, method] of ['store.drop', 'toString', 'model.get', 'store.readStream'].entries()) {
      socket.write(Buffer.concat([id === 0 ? HELLO : Buffer.alloc(0), encodeFrame(JSON.stringify({ t: 'call', id, method }))]));
    }
    await until(() => received().split('"t":"failed"').length === 5);
    expect(received()).not.toContain('"t":"answer"');
  });

  it('refuses a process that speaks another version, and says what to do', async () => {
    await start();
    const { socket, received, closed } = await raw();
    socket.write(encodeFrame(JSON.stringify({ t: 'hello', protocol: 99, client: 'c' })));
    await closed;
    expect(received()).toMatch(/INVALID_CONFIG.*version 99.*same version of Tutti/);
  });

  it('reads no further ahead than a reader takes, whether it stops reading its socket or only its stream', async () => {
    await start();
    const { socket } = await raw();
    socket.pause();
    socket.write(Buffer.concat([HELLO, encodeFrame('{"t":"open","id":1,"method":"store.readAll","args":[{}],"credit":1000000}')]));
    await until(() => produced > 0);
    await settled(() => produced);
    // At most 1 MiB waits to leave, one piece is made, and the kernel holds what it holds.
    expect(produced * LARGE.length).toBeLessThan(4 * 1024 * 1024);

    const before = produced;
    const remote = client();
    await remote.connected();
    const slow = remote.eventStore.readAll()[Symbol.asyncIterator]();
    await slow.next();
    await settled(() => produced);
    expect((produced - before) * LARGE.length).toBeLessThan(3 * 1024 * 1024);
    await slow.return?.();
    await expect(remote.eventStore.head()).resolves.toBe(5);
  });

  it('does not read on from who does not read its answers', async () => {
    await start({ maxCallsPerConnection: 10 });
    let asked = 0;
    eventBus.members = async () => {
      asked += 1;
      return [LARGE.repeat(20)];
    };
    const { socket } = await raw();
    socket.pause();
    socket.write(HELLO);
    for (let id = 1; id <= 2_000; id++)
      socket.write(encodeFrame(`{"t":"call","id":${id},"method":"bus.members","args":["${'t'.repeat(500)}","g"]}`));
    await until(() => asked > 0);
    await settled(() => asked);
    // What one read of the socket brings is begun, then nothing.
    expect(asked).toBeLessThan(300);
  });

  it('takes a value in pieces, refuses one that is too large, and has room again once those under way are done', async () => {
    await start({ maxBodyBytes: 3_000_000, maxBodyBytesTotal: 4_000_000 });
    const remote = client();
    await remote.connected();
    const bytes = Buffer.alloc(3_000_000, 1);
    await expect(remote.blobs.put('acme', Buffer.alloc(3_000_001))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const [first, second] = await Promise.allSettled([remote.blobs.put('acme', bytes), remote.blobs.put('acme', bytes)]);
    expect(first).toMatchObject({ status: 'fulfilled' });
    expect(second).toMatchObject({ reason: { code: 'OVERLOADED', retryable: true } });
    await expect(remote.blobs.put('acme', bytes)).resolves.toHaveLength(64);
  });

  it('opens so many subscriptions for a process and no more, and reads beside them', async () => {
    await start({ maxSubscriptionsPerConnection: 2, maxReadsPerConnection: 1 });
    const remote = client();
    await remote.connected();
    const subscribe = () => remote.eventStore.subscribe({ after: -1, onBatch: () => undefined });
    const [first] = [subscribe(), subscribe()];
    await expect(subscribe().ended).rejects.toMatchObject({
      code: 'OVERLOADED',
      message: '2 subscriptions of this process are open already',
    });
    for await (const { position } of remote.eventStore.readAll()) {
      expect(position).toBe(1);
      await expect(remote.eventStore.readAll()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'OVERLOADED' });
      break;
    }
    await first?.close();
    await remote.eventStore.head();
    const again = subscribe();
    await remote.eventStore.append('thing-1', [thingEvent(runtime)], 'any');
    await again.close();
    await expect(again.ended).resolves.toBeUndefined();
  });

  it('refuses more processes than it takes, until one has gone', async () => {
    await start({ maxConnections: 2 });
    const [first, second, third] = [client(), client(), client()];
    await Promise.all([first.connected(), second.connected()]);
    await until(() => third.status.status === 'refused');
    await expect(third.eventStore.head()).rejects.toMatchObject({ code: 'OVERLOADED' });
    await first.close();
    await expect(third.connected()).resolves.toBe(true);
  });

  it('carries a thousand idle connections lightly', async () => {
    await start();
    const before = process.memoryUsage().heapUsed;
    const all = Array.from({ length: 1_000 }, () => client());
    await Promise.all(all.map((each) => each.connected()));
    expect(host.connections).toBe(1_000);
    // Both ends of each are in this process.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 * 1024 * 1024);
    await expect(Promise.all(all.map((each) => each.eventStore.head()))).resolves.toHaveLength(1_000);
  });

  it('closes a connection that does not say who it is', async () => {
    await start({ helloMs: 20 });
    const { closed } = await raw();
    await closed;
    await until(() => host.connections === 0);
  });

  it('lets a handler come to its end before it closes, and what it was asked', async () => {
    await start();
    const remote = client();
    const held = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    await remote.eventBus.subscribe({
      ...{ topic: 't', group: 'g', member: 'anna', maxDeliveries: 1 },
      handle: () => {
        started.resolve();
        return held.promise;
      },
    });
    await eventBus.publish('t', [{ id: 'a', type: 'x', key: 'k', payload: null }]);
    await started.promise;
    const closing = host.close();
    held.resolve();
    await closing;
    expect(await eventBus.deadLetters.list()).toEqual([]);
    await until(() => remote.status.status === 'connecting');
  });

  it('listens for its user alone, in place of a socket that nobody listens at any more, and of nothing else', async () => {
    await start();
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    await host.close();
    await abandonedSocket(socketPath);
    await start();
    await expect(client().connected()).resolves.toBe(true);
    await Promise.all(clients.splice(0).map((each) => each.close()));
    await host.close();
    writeFileSync(socketPath, 'a file');
    await expect(start()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    const tooLong = storeSocketPath(join(folder, 'x'.repeat(120)));
    await expect(start({}, tooLong)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });
});

/** Reads give events without end. */
function endless(produce: () => number): EventStore {
  const inner = createInMemoryEventStore(runtime);
  async function* readAll(): AsyncGenerator<RecordedEvent> {
    for (;;) yield { position: produce(), data: { LARGE } } as unknown as RecordedEvent;
  }
  return {
    append: (...given) => inner.append(...given),
    readStream: readAll,
    readAll,
    subscribe: (options) => inner.subscribe(options),
    head: async () => 5,
    loadSnapshot: (stream) => inner.loadSnapshot(stream),
    saveSnapshot: (stream, snapshot) => inner.saveSnapshot(stream, snapshot),
  };
}

/** As a killed process leaves one. */
async function abandonedSocket(path: string): Promise<void> {
  const server = createServer();
  const elsewhere = `${path}.moved`;
  await new Promise<void>((resolve) => server.listen(elsewhere, resolve));
  linkSync(elsewhere, path);
  await new Promise((resolve) => server.close(resolve));
}

async function settled(value: () => number): Promise<void> {
  for (let same = 0, before = -1; same < 10; await new Promise((resolve) => setTimeout(resolve, 5))) {
    same = value() === before ? same + 1 : 0;
    before = value();
  }
}

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 2) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error('did not come to pass within 10 s');
}
