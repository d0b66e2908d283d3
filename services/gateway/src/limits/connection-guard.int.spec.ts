import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { silentLogger } from '@tutti/service-kit';
import { BoundedLines } from './bounded-lines.js';
import { ConnectionGuard } from './connection-guard.js';

const MOST = 5;

let server: Server;
let guard: ConnectionGuard;
let release: () => void;
let clients: Socket[];
beforeEach(async () => {
  clients = [];
  const held = new Promise<void>((resolve) => (release = resolve));
  guard = new ConnectionGuard({
    maxConnections: 100,
    perAddress: MOST,
    clock: createManualRuntime().clock,
    lines: new BoundedLines(silentLogger, createManualRuntime().clock),
  });
  server = createServer((request, response) => {
    if (request.url?.startsWith('/trusted') === true) guard.trust(request.socket);
    if (request.url?.endsWith('/slow') === true) void held.then(() => response.end('slow'));
    else response.end('ok');
  });
  guard.watch(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  release();
  for (const client of clients) client.destroy();
  await new Promise((resolve) => server.close(resolve));
});

async function open(): Promise<Socket> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(client);
  client.on('error', () => undefined);
  const accepted = new Promise((resolve) => server.once('connection', resolve));
  await accepted;
  return client;
}

/** The answer's last line, or `closed`. */
function ask(client: Socket, path = '/'): Promise<string> {
  const answer = heard(client);
  client.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
  return answer;
}

function heard(client: Socket): Promise<string> {
  return new Promise((resolve) => {
    client.once('data', (bytes) => resolve(bytes.toString().split('\r\n').at(-1) === '' ? 'chunk' : 'ok'));
    client.once('close', () => resolve('closed'));
  });
}
const closing = (client: Socket): Promise<unknown> => new Promise((resolve) => client.once('close', resolve));

describe('connections of one address', () => {
  it('make room for a new one: first goes who never asked anything, the oldest first', async () => {
    const used = await open();
    await ask(used);
    const silent = [await open(), await open(), await open(), await open()];
    const gone = closing(silent[0] as Socket);
    const young = await open();
    await gone;
    expect(await ask(young)).not.toBe('closed');
    expect(await ask(used)).not.toBe('closed');
    expect(guard.connections).toBe(MOST);
  });

  it('go on, when somebody known has used them, until nobody else is left to go', async () => {
    const known = await open();
    await ask(known, '/trusted');
    const others: Socket[] = [];
    for (let at = 0; at < 20; at++) {
      const other = await open();
      others.push(other);
      await ask(other);
    }
    expect(await ask(known, '/trusted')).not.toBe('closed');
    expect(guard.connections).toBe(MOST);
  });

  const atWork = async (path: string) => {
    const working = [await open(), await open(), await open(), await open(), await open()];
    const began = Promise.all(working.map(() => new Promise((resolve) => server.once('request', resolve))));
    const answers = working.map((client) => ask(client, path));
    await began;
    return answers;
  };

  it('are not cut while they are at work for somebody known: the new one is closed', async () => {
    const answers = await atWork('/trusted/slow');
    const late = await open();
    expect(await heard(late)).toBe('closed');
    release();
    expect(await Promise.all(answers)).not.toContain('closed');
  });

  it('go, the oldest first, when they are at work for nobody known: others come in', async () => {
    const answers = await atWork('/slow');
    const late = await open();
    expect(await answers[0]).toBe('closed');
    expect(await ask(late, '/trusted')).not.toBe('closed');
    release();
    expect(await Promise.all(answers.slice(1))).not.toContain('closed');
  });

  it('are counted down when they end', async () => {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const client = await open();
    expect(guard.connections).toBe(1);
    const over = closing(await accepted);
    client.destroy();
    await over;
    expect(guard.connections).toBe(0);
  });

  it('are cut off when they take back call after call', async () => {
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    const client = await open();
    const socket = await accepted;
    for (let at = 0; at < 200; at++) guard.takenBack(socket);
    expect(socket.destroyed).toBe(false);
    const gone = closing(client);
    guard.takenBack(socket);
    await gone;
  });

  it('are cut off when they ask on and on without waiting for an answer', async () => {
    const client = await open();
    const gone = closing(client);
    client.write('GET /slow HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(11));
    await gone;
    const patient = await open();
    const answer = ask(patient, '/slow');
    release();
    expect(await answer).not.toBe('closed');
  });
});
