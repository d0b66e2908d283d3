import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import { createTransport, type TlsSettings } from './transport.js';

const NO_TLS: TlsSettings = { ca: undefined, cert: undefined, key: undefined, serverName: undefined };

let folder: string;
let secure: Server;
let proxy: Server;
let tunnels: string[];
const path = (name: string): string => join(folder, name);
const portOf = (server: NetServer): number => (server.address() as AddressInfo).port;

/** A server of its own authority that asks for a client's certificate, and a proxy. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-transport-'));
  const openssl = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  const issue = (name: string): void => {
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-out',
      `${name}.pem`,
    );
  };
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=ca',
  );
  issue('tutti.internal');
  issue('ann');
  const read = (name: string): string => readFileSync(path(name), 'utf8');
  secure = createTlsServer(
    {
      ...{ cert: read('tutti.internal.pem'), key: read('tutti.internal.key'), ca: read('ca.pem') },
      requestCert: true,
      rejectUnauthorized: false,
    },
    (request, response) =>
      void response.end(JSON.stringify({ client: (request.socket as TLSSocket).getPeerCertificate().subject?.CN ?? null })),
  );
  const feeds = new WebSocketServer({ server: secure, handleProtocols: () => 'tutti.v1' });
  feeds.on('connection', (feed) => feed.send('hello'));
  tunnels = [];
  proxy = createServer((_request, response) => void response.end('through the proxy'));
  proxy.on('connect', (request, socket) => {
    tunnels.push(request.url ?? '');
    const far = connect(portOf(secure), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    far.on('error', () => socket.destroy());
    socket.on('error', () => far.destroy());
  });
  for (const server of [secure, proxy]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  for (const server of [secure, proxy]) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

const known = (): TlsSettings => ({ ...NO_TLS, ca: path('ca.pem'), serverName: 'tutti.internal' });
const secureUrl = (): string => `https://127.0.0.1:${portOf(secure)}/`;

async function firstMessage(tls: TlsSettings, env: Readonly<Record<string, string>>, url: string): Promise<string> {
  const { openSocket } = await createTransport(tls, env);
  return new Promise((resolve) => {
    const socket = openSocket(
      url,
      {},
      {
        opened: () => {},
        message: (text) => (resolve(text), socket.terminate()),
        refused: () => {},
        closed: (reason) => resolve(`closed: ${reason}`),
      },
    );
  });
}

describe('how a system is reached', () => {
  it('is Node’s own way when nothing is said', async () => {
    expect((await createTransport(NO_TLS, {})).fetch).toBe(globalThis.fetch);
  });

  it('is refused where the authority is not known, and taken with its certificate, by requests and feeds', async () => {
    const stranger = await createTransport({ ...NO_TLS, serverName: 'tutti.internal' }, {});
    await expect(stranger.fetch(secureUrl())).rejects.toThrow('fetch failed');
    const { fetch } = await createTransport(known(), {});
    expect(await (await fetch(secureUrl())).json()).toEqual({ client: null });
    expect(await firstMessage(known(), {}, secureUrl().replace('https', 'wss'))).toBe('hello');
    expect(await firstMessage(NO_TLS, { HTTPS_PROXY: '' }, secureUrl().replace('https', 'wss'))).toContain('closed');
  });

  it('shows a certificate of one’s own', async () => {
    const { fetch } = await createTransport({ ...known(), cert: path('ann.pem'), key: path('ann.key') }, {});
    expect(await (await fetch(secureUrl())).json()).toEqual({ client: 'ann' });
  });

  it('goes through the proxy that the environment names, except to hosts of NO_PROXY and this machine', async () => {
    const env = { HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, HTTP_PROXY: `http://127.0.0.1:${portOf(proxy)}` };
    const { fetch } = await createTransport(known(), env);
    expect(await (await fetch('https://tutti.internal/')).json()).toEqual({ client: null });
    expect(await firstMessage(known(), env, 'wss://tutti.internal/v1/feed')).toBe('hello');
    expect(tunnels).toEqual(['tutti.internal:443', 'tutti.internal:443']);
    // What runs on this machine is never asked for there.
    expect(await (await fetch(secureUrl())).json()).toEqual({ client: null });
    expect(await firstMessage(known(), env, secureUrl().replace('https', 'wss'))).toBe('hello');
    const direct = await createTransport(known(), { ...env, NO_PROXY: 'tutti.internal' });
    await expect(direct.fetch('https://tutti.internal/')).rejects.toThrow('fetch failed');
    expect(tunnels).toHaveLength(2);
  });

  it('says which file of a certificate cannot be read', async () => {
    await expect(createTransport({ ...NO_TLS, ca: path('ghost.pem') }, {})).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('TUTTI_TLS_CA'),
    });
  });
});
