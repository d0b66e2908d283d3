import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { createServer as createNetServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { NotificationMessage } from '../notification-channel.port.js';
import { signatureOf } from './signature.js';
import { WebhookChannel, type WebhookOptions } from './webhook-channel.js';

const KEY = Buffer.alloc(32, 7);
const MESSAGE: NotificationMessage = {
  ...{
    id: 'ntf_1',
    on: 'approval.requested',
    to: ['ann@example.com'],
    subject: '[Tutti] Approval needed: Grüße?',
    title: 'Grüße?',
    text: 'It waits.',
  },
  about: { runId: 'r-1', workflow: 'greet', step: 'ask', approvalId: 'a-1', eventId: 'e-1', position: 7, time: '2026-01-01T00:00:00.000Z' },
  ...{ link: 'https://tutti.example.com/approvals/a-1', commands: ['tutti approve a-1', 'tutti reject a-1'] },
};

interface Seen {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let runtime: ManualRuntime;
let seen: Seen[];
let answer: (response: ServerResponse) => void;
let close: () => Promise<void>;
let base = '';

beforeEach(async () => {
  runtime = createManualRuntime();
  seen = [];
  answer = (response) => response.writeHead(204).end();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
});
afterEach(() => close());

function channel(more: Partial<WebhookOptions> = {}): WebhookChannel {
  const url = new URL(`${base}/hook?team=core`);
  return new WebhookChannel({
    ...{
      name: 'hooks',
      url,
      keys: [KEY],
      headers: {},
      allowPrivateAddresses: true,
      timeoutMs: 5_000,
      source: 'https://tutti.example.com',
      runtime,
    },
    ...more,
  });
}

const send = (one: WebhookChannel, signal = new AbortController().signal) => one.send(MESSAGE, signal);

describe('a webhook', () => {
  it('posts a signed CloudEvent', async () => {
    expect(await send(channel({ headers: { 'X-Team': 'core' } }))).toEqual({ delivered: true, answer: '204 No Content' });
    const [{ url, headers, body }] = seen as [Seen];
    const seconds = Math.floor(runtime.clock.now() / 1_000);
    expect(url).toBe('/hook?team=core');
    expect(headers).toMatchObject({
      ...{ 'content-type': 'application/cloudevents+json; charset=utf-8', 'x-team': 'core', 'user-agent': 'tutti' },
      ...{ 'webhook-id': 'ntf_1', 'webhook-timestamp': String(seconds), 'webhook-signature': signatureOf([KEY], 'ntf_1', seconds, body) },
    });
    expect(JSON.parse(body)).toEqual({
      ...{ specversion: '1.0', id: 'ntf_1', source: 'https://tutti.example.com', type: 'dev.tutti.approval.requested.v1', subject: 'r-1' },
      ...{ time: '2026-01-01T00:00:00.000Z', datacontenttype: 'application/json' },
      text: [MESSAGE.subject, 'It waits.', MESSAGE.link, ...MESSAGE.commands].join('\n'),
      data: {
        ...{
          on: 'approval.requested',
          title: 'Grüße?',
          text: 'It waits.',
          to: ['ann@example.com'],
          runId: 'r-1',
          workflow: 'greet',
          step: 'ask',
        },
        ...{ approvalId: 'a-1', eventId: 'e-1', position: 7, link: MESSAGE.link, commands: MESSAGE.commands },
      },
    });
  });

  it('signs each attempt anew under the same id', async () => {
    const one = channel();
    await send(one);
    await runtime.advance(60_000);
    await send(one);
    expect(seen.map(({ headers }) => headers['webhook-id'])).toEqual(['ntf_1', 'ntf_1']);
    expect(new Set(seen.map(({ headers }) => headers['webhook-signature'])).size).toBe(2);
  });

  it('says of a 5xx what the receiver said, and how long it wants to be left alone', async () => {
    answer = (response) => response.writeHead(503, { 'retry-after': '120' }).end('Down\nfor   maintenance');
    expect(await send(channel())).toEqual({
      ...{ delivered: false, permanent: false, retryAfterMs: 120_000 },
      error: { code: 'HTTP_503', message: 'the receiver answered 503 Service Unavailable: Down for maintenance' },
    });
    answer = (response) => response.writeHead(429, { 'retry-after': new Date(runtime.clock.now() + 30_000).toUTCString() }).end();
    expect(await send(channel())).toMatchObject({ error: { code: 'HTTP_429' }, retryAfterMs: 30_000 });
  });

  it('gives up where nobody listens any more', async () => {
    answer = (response) => response.writeHead(410).end();
    expect(await send(channel())).toMatchObject({ delivered: false, permanent: true, error: { code: 'HTTP_410' } });
  });

  it('follows no redirect', async () => {
    answer = (response) => response.writeHead(307, { location: `${base}/elsewhere` }).end();
    expect(await send(channel())).toMatchObject({ delivered: false, permanent: false, error: { code: 'REDIRECTED' } });
    expect(seen.map(({ url }) => url)).toEqual(['/hook?team=core']);
  });

  it('reads no more of an answer than it shows', async () => {
    let closed = false;
    answer = (response) => {
      response.writeHead(500);
      const more = (): void =>
        void (response.write('x'.repeat(65_536)) ? response.socket?.once('drain', more) : response.once('drain', more));
      response.on('close', () => (closed = true));
      more();
    };
    const outcome = await send(channel());
    expect(outcome).toMatchObject({ delivered: false, error: { code: 'HTTP_500' } });
    expect(JSON.stringify(outcome).length).toBeLessThan(400);
    await until(() => closed);
  });

  it('waits no longer than its limit for a receiver that does not answer', async () => {
    answer = () => undefined;
    const outcome = send(channel());
    await until(() => seen.length === 1);
    await runtime.advance(5_000);
    expect(await outcome).toMatchObject({ delivered: false, permanent: false, error: { code: 'TIMED_OUT' } });
    expect(runtime.pending()).toBe(0);
  });

  it('is delivered when the receiver says so, though its answer never ends', async () => {
    answer = (response) => response.writeHead(200).write('.');
    expect(await send(channel())).toEqual({ delivered: true, answer: '200 OK' });
    expect(runtime.pending()).toBe(0);
  });

  it('waits no longer than its limit for a failure that never ends', async () => {
    answer = (response) => response.writeHead(500).write('.');
    const outcome = send(channel());
    await until(() => seen.length === 1);
    await runtime.advance(5_000);
    expect(await outcome).toMatchObject({ delivered: false, error: { code: 'TIMED_OUT' } });
  });

  it('ends when the process stops', async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const outcome = send(channel(), stop.signal);
    await until(() => seen.length === 1);
    stop.abort();
    expect(await outcome).toMatchObject({ delivered: false, error: { code: 'CANCELLED' } });
  });

  it('says that nobody is there', async () => {
    await close();
    expect(await send(channel())).toMatchObject({ delivered: false, permanent: false, error: { code: 'CONNECTION_FAILED' } });
    close = async () => Promise.resolve();
  });

  it('says that the receiver speaks no TLS', async () => {
    const url = new URL(base.replace('http:', 'https:'));
    expect(await send(channel({ url }))).toMatchObject({ delivered: false, permanent: false, error: { code: 'CONNECTION_FAILED' } });
  });

  it('says that the receiver hung up', async () => {
    const rude = createNetServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(rude.address() as AddressInfo).port}/`);
    expect(await send(channel({ url }))).toMatchObject({ delivered: false, error: { code: 'CONNECTION_FAILED' } });
    await new Promise((resolve) => rude.close(resolve));
  });

  it.each([
    ['an address of this machine', (port: string) => `http://127.0.0.1:${port}/`],
    ['the same in IPv6 clothes', (port: string) => `http://[::ffff:127.0.0.1]:${port}/`],
    ['the same as one number', (port: string) => `http://2130706433:${port}/`],
    ['a name that leads to this machine', (port: string) => `http://localhost:${port}/`],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest'],
  ])('never reaches %s unless it may', async (_, urlOf) => {
    const url = new URL(urlOf(new URL(base).port));
    expect(await send(channel({ url, allowPrivateAddresses: false }))).toMatchObject({
      ...{ delivered: false, permanent: true },
      error: { code: 'ADDRESS_REFUSED', message: expect.stringContaining('allowPrivateAddresses') },
    });
    expect(seen).toEqual([]);
  });
});

/** Waits for what happens on real sockets. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
