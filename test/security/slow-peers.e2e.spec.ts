import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { buildProduct } from '../product/build.js';
import { cleanUp, Standalone } from '../product/standalone-process.js';
import { heldWithin } from '../product/waiting.js';
import { Bystander, printRatio, watchFor } from './bystander.js';
import { endOf, logOf, socketTo } from './raw-connection.js';

const BEFORE_MS = 2_000;

let system: Standalone;
const sockets: Socket[] = [];
beforeAll(async () => {
  buildProduct();
  const connections = { headersTimeoutMs: 2_000, stallLimitMs: 2_000 };
  system = await Standalone.start({ config: { gateway: { requestTimeoutMs: 4_000, limits: { connections } } } });
}, 60_000);
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});
afterAll(cleanUp);

const authorized = (): string => `Host: localhost\r\nAuthorization: Bearer ${system.token}\r\n`;
function slowly(head: string): Socket {
  const socket = socketTo(system);
  socket.write(head);
  sockets.push(socket);
  return socket;
}

describe('who is slow', () => {
  it('in saying what is wanted is cut off, and a hundred of them keep nobody waiting', async () => {
    const before = await watchFor(system, BEFORE_MS);
    const bystander = new Bystander(system);
    const slow = Array.from({ length: 100 }, () => slowly('GET /v1/runs HTTP/1.1\r\nHost: localhost\r\n'));
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write('X-A: 1\r\n')), 500);
    const ended = await Promise.all(slow.map((socket) => endOf(socket, 10_000)));
    clearInterval(drip);
    const during = await bystander.stop();
    expect(ended).toEqual(slow.map(() => true));
    expect(during).toMatchObject({ refused: 0 });
    printRatio('100 slow headers', before, during);
  });

  it('in sending a body is cut off', async () => {
    const head = `POST /v1/runs HTTP/1.1\r\n${authorized()}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n`;
    const slow = Array.from({ length: 50 }, () => slowly(head));
    const drip = setInterval(() => slow.forEach((socket) => socket.writable && socket.write(' ')), 500);
    expect(await Promise.all(slow.map((socket) => endOf(socket, 12_000)))).toEqual(slow.map(() => true));
    clearInterval(drip);
    expect((await system.call('GET', '/v1/runs')).status).toBe(200);
  });

  it('in reading answers is cut off, however many it asks for, and they are not kept for it', async () => {
    for (let at = 0; at < 60; at++) {
      const steps = { a: { capability: 'nobody.does.this', with: { text: `${at}${'d'.repeat(60_000)}` } } };
      expect((await system.call('POST', '/v1/workflows', { body: { name: 'wide', steps } })).status).toBeLessThan(300);
    }
    const before = system.anonymousMiB();
    // Four answers of some megabytes each are more than the system keeps for a connection.
    const slow = Array.from({ length: 3 }, () => {
      const socket = slowly(`GET /v1/events HTTP/1.1\r\n${authorized()}\r\n`.repeat(4));
      socket.pause();
      return socket;
    });
    const cut = () => logOf(system).filter(({ reason }) => reason?.startsWith('took nothing') === true).length;
    expect(await heldWithin(15_000, () => cut() >= slow.length)).toBe(true);
    expect(system.anonymousMiB() - before).toBeLessThan(400);
    expect(await Promise.all(slow.map((socket) => endOf(socket.resume(), 5_000)))).toEqual(slow.map(() => true));
    expect((await system.call('GET', '/v1/runs')).status).toBe(200);
  });

  it('in waiting, and asks on without end, is cut off before the answers fill the memory', async () => {
    const before = system.anonymousMiB();
    const greedy = Array.from({ length: 20 }, () => slowly(`GET /v1/runs HTTP/1.1\r\n${authorized()}\r\n`.repeat(200)));
    expect(await Promise.all(greedy.map((socket) => endOf(socket.resume(), 10_000)))).toEqual(greedy.map(() => true));
    expect(system.anonymousMiB() - before).toBeLessThan(400);
    expect((await system.call('GET', '/v1/runs')).status).toBe(200);
  });
});

describe('a WebSocket that does not keep to the rules', () => {
  const upgrade = (): Promise<Socket> => {
    const socket = socketTo(system);
    sockets.push(socket);
    const opened = once(socket, 'data').then(() => socket);
    socket.write(
      `GET /v1/feed HTTP/1.1\r\n${authorized()}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tutti.v1\r\n\r\n`,
    );
    return opened;
  };
  const frame = (first: number, second: number, ...rest: readonly number[]): Buffer => Buffer.from([first, second, ...rest]);

  it.each([
    ['is not masked', frame(0x81, 0x02, 0x7b, 0x7d)],
    ['says that it is a gigabyte', frame(0x81, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4)],
    ['says that it is longer than anything', frame(0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4)],
    ['has reserved bits', frame(0xf1, 0x80, 1, 2, 3, 4)],
    ['has a kind that there is not', frame(0x83, 0x80, 1, 2, 3, 4)],
    ['goes on with nothing', frame(0x80, 0x80, 1, 2, 3, 4)],
    ['is a ping of 200 bytes', Buffer.concat([frame(0x89, 0xfe, 0, 200, 1, 2, 3, 4), Buffer.alloc(200)])],
  ])('is closed when a frame %s', async (_, bytes) => {
    const socket = await upgrade();
    socket.resume();
    socket.write(bytes);
    expect(await endOf(socket, 5_000)).toBe(true);
  });

  it('is closed when its fragments together are too long', async () => {
    const socket = await upgrade();
    socket.resume();
    const part = (first: number) => Buffer.concat([frame(first, 0xfe, 0x7f, 0xff, 0, 0, 0, 0), Buffer.alloc(0x7fff, 0x20)]);
    socket.write(part(0x01));
    for (let at = 0; at < 10 && socket.writable; at++) socket.write(part(0x00));
    expect(await endOf(socket, 5_000)).toBe(true);
  });

  it('is answered without haste, and without growth, when it asks a hundred thousand times', async () => {
    const before = system.anonymousMiB();
    const client = new WebSocket(`${system.url.replace('http', 'ws')}/v1/feed`, ['tutti.v1'], {
      headers: { authorization: `Bearer ${system.token}` },
    });
    await once(client, 'open');
    let answers = 0;
    client.on('message', () => (answers += 1));
    for (let at = 0; at < 100_000; at++) client.send('{"type":"nothing"}');
    expect(await heldWithin(10_000, () => answers > 1_000 || client.readyState !== WebSocket.OPEN)).toBe(true);
    expect((await system.call('GET', '/v1/runs')).status).toBe(200);
    client.terminate();
    expect(system.anonymousMiB() - before).toBeLessThan(300);
  });
});
