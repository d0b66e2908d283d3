import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSystemRuntime } from '../system/client-system.js';
import { locatedEndpoint, locateServer } from './locate-server.js';

const PID = 4242;

describe('finding a server', () => {
  let cwd: string;
  let server: Server;
  let url: string;
  let alive: boolean;
  let env: Record<string, string>;
  beforeEach(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'tutti-client-'));
    alive = true;
    env = { TUTTI_DATA_DIR: cwd };
    server = createServer((_, response) => void response.end('{"name":"tutti"}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    writeFileSync(join(cwd, 'token'), 'the-token\n');
  });
  afterEach(async () => {
    rmSync(cwd, { recursive: true });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const world = () => ({
    env,
    cwd,
    user: 'Ann O’Hara',
    processes: { isAlive: (pid: number) => alive && pid === PID },
    fetch: globalThis.fetch,
    runtime: createSystemRuntime(),
  });
  const serve = (more: object = {}): void => writeFileSync(join(cwd, 'server.json'), JSON.stringify({ url, pid: PID, ...more }));

  it('finds the one of the data folder, for each protocol, with its token', async () => {
    serve({ grpcUrl: 'grpc://127.0.0.1:50051' });
    const endpoint = { url, token: 'the-token', actor: 'user:Ann-O-Hara' };
    expect(await locateServer({}, world())).toEqual({ kind: 'found', endpoint });
    expect(await locateServer({}, world(), 'grpc')).toEqual({ kind: 'found', endpoint: { ...endpoint, url: 'grpc://127.0.0.1:50051' } });
  });

  interface Absence {
    readonly why: string;
    readonly protocol: 'http' | 'grpc';
    readonly prepare: () => void;
  }
  it.each<Absence>([
    { why: 'nothing is running', protocol: 'http', prepare: () => {} },
    { why: 'its process is gone', protocol: 'http', prepare: () => void (serve(), (alive = false)) },
    { why: 'it does not answer', protocol: 'http', prepare: () => serve({ url: 'http://127.0.0.1:9' }) },
    { why: 'it does not listen for gRPC', protocol: 'grpc', prepare: () => serve() },
  ])('says why there is none: $why', async ({ prepare, protocol }) => {
    prepare();
    expect(await locateServer({}, world(), protocol)).toMatchObject({ kind: 'absent', reason: expect.stringContaining(cwd) });
  });

  it('takes a named address as it is, and gives the folder’s token to this machine only', async () => {
    env['TUTTI_ADDRESS'] = 'tutti.example.com';
    env['TUTTI_GRPC_ADDRESS'] = '127.0.0.1:7';
    expect(await locateServer({}, world())).toMatchObject({ endpoint: { url: 'http://tutti.example.com', token: null } });
    expect(await locateServer({}, world(), 'grpc')).toMatchObject({ endpoint: { url: 'grpc://127.0.0.1:7', token: 'the-token' } });
    env['TUTTI_API_KEY'] = 'mine';
    expect(await locateServer({ url: 'https://x.example.com/' }, world())).toMatchObject({
      endpoint: { url: 'https://x.example.com', token: 'mine' },
    });
  });

  it.each([
    ['an install token', 'q8dTn1mQ-secret-of-this-machine', 'user:Ann-O-Hara'],
    ['an API key, which says who acts', 'tutti_0198abc_0123456789012345678901234567890123456789abc', null],
    ['a signed token, which says who acts', 'eyJhbGciOi.eyJzdWIiOi.c2ln', null],
  ])('names the user beside %s', async (_kind, token, actor) => {
    expect(await locateServer({ url: 'https://x.example.com', token }, world())).toMatchObject({ endpoint: { actor } });
  });

  it.each(['ftp://x', 'http://', 'http://ann:secret@x', '::'])('refuses the address %s', async (address) => {
    await expect(locateServer({ url: address }, world())).rejects.toMatchObject({ code: 'INVALID_ADDRESS' });
  });

  it('looks again once it was lost, and takes one that was there for one that comes back', async () => {
    const endpoints = locatedEndpoint({}, world(), 'http');
    await expect(endpoints.current()).rejects.toMatchObject({ code: 'NOT_RUNNING', retryable: false });
    serve();
    expect((await endpoints.current()).url).toBe(url);
    alive = false;
    expect((await endpoints.current()).url).toBe(url);
    endpoints.lost();
    await expect(endpoints.current()).rejects.toMatchObject({ code: 'NOT_RUNNING', retryable: true });
    alive = true;
    expect((await endpoints.current()).url).toBe(url);
  });
});
