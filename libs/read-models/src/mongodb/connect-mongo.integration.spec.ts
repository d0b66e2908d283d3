import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { connectMongo } from './connect-mongo.js';
import { createMongoDatabase } from './mongo-server-harness.js';
import { startMongoProxy, type MongoProxy } from '../testing/mongo-proxy.js';

const QUICK = { selectMs: 400, connectMs: 400, answerMs: 2_000, heartbeatMs: 500, firstConnectMs: 0 };
const database = createMongoDatabase();
const proxies: MongoProxy[] = [];

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
  await database.drop();
});

async function throughProxy() {
  const proxy = await startMongoProxy();
  proxies.push(proxy);
  const mongo = await database.connect({ url: proxy.url, timeouts: QUICK });
  const call = () => mongo.use(async () => mongo.connection.collection('things').findOne({}));
  return { proxy, mongo, call };
}

async function until(what: () => boolean): Promise<void> {
  for (let tries = 0; !what(); tries++) {
    expect(tries).toBeLessThan(200);
    await wait(25);
  }
}

describe('the connection to MongoDB', () => {
  it.each(['cut', 'stall'] as const)(
    'fails calls within their time while the server is away (%s), says so, and comes back by itself',
    async (fault) => {
      const { proxy, mongo, call } = await throughProxy();
      expect(mongo.state()).toMatchObject({ state: 'connected' });
      expect(await call()).toBeNull();
      proxy[fault]();
      const before = performance.now();
      await expect(call()).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        retryable: true,
        message: expect.stringContaining(mongo.where),
      });
      expect(performance.now() - before).toBeLessThan(8_000);
      await until(() => mongo.state().state === 'unavailable');
      proxy.restore();
      await until(() => mongo.state().state === 'connected');
      expect(await call()).toBeNull();
    },
  );

  it('is refused with STORE_UNAVAILABLE when no server answers in time', async () => {
    const connecting = connectMongo({ url: 'mongodb://127.0.0.1:1', runtime: createManualRuntime(), timeouts: QUICK });
    await expect(connecting).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
  });

  it('is made as soon as the server is there, when that is after the start', async () => {
    const proxy = await startMongoProxy();
    proxies.push(proxy);
    proxy.cut();
    const runtime = createManualRuntime();
    const connecting = database.connect({ url: proxy.url, runtime, timeouts: { ...QUICK, firstConnectMs: 60_000 } });
    await until(() => runtime.pending() > 0);
    proxy.restore();
    await runtime.advance(250);
    expect((await connecting).state()).toMatchObject({ state: 'connected' });
  });

  it('is given up when the signal says so', async () => {
    const giveUp = new AbortController();
    const runtime = createManualRuntime();
    const timeouts = { ...QUICK, firstConnectMs: 60_000 };
    const connecting = connectMongo({ url: 'mongodb://127.0.0.1:1', runtime, timeouts, signal: giveUp.signal });
    connecting.catch(() => undefined);
    await until(() => runtime.pending() > 0);
    giveUp.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it.each([
    ['an address that is none', 'postgres://127.0.0.1/x'],
    ['an option that is none', 'mongodb://127.0.0.1:1/?retryWrites=perhaps'],
  ])('is refused with INVALID_CONFIG for %s', async (_what, url) => {
    await expect(connectMongo({ url, runtime: createManualRuntime(), timeouts: QUICK })).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
  });

  it('names no credentials in what it says', async () => {
    const url = 'mongodb://user:secret@127.0.0.1:1/db?authSource=admin';
    const failure = await connectMongo({ url, runtime: createManualRuntime(), timeouts: QUICK }).catch(String);
    expect(failure).toContain('MongoDB at 127.0.0.1:1, database db');
    expect(failure).not.toContain('secret');
  });

  it('is by TLS, with a certificate that it must believe, where it is configured so', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tutti-mongo-tls-'));
    const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    await promisify(execFile)('openssl', ['req', '-x509', ...key, '-keyout', keyFile, '-out', caFile, ...subject]);
    const proxy = await startMongoProxy({ key: await readFile(keyFile), cert: await readFile(caFile) });
    proxies.push(proxy);
    const mongo = await database.connect({ url: proxy.url, timeouts: QUICK, tls: { caFile } });
    expect(await mongo.use(async () => mongo.connection.collection('things').findOne({}))).toBeNull();
    const refused = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('certificate') };
    await expect(database.connect({ url: proxy.url, timeouts: QUICK, tls: {} })).rejects.toMatchObject(refused);
    await rm(folder, { recursive: true });
  });

  it('is refused with INVALID_CONFIG, without the password, when the server does not take the credentials', async () => {
    const credentials = { username: 'nobody', password: 'a-secret', source: 'admin' };
    const failure = await database.connect({ timeouts: QUICK, credentials }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('credentials') });
    expect(String(failure)).not.toContain(credentials.password);
  });

  it('takes no calls once it is closed', async () => {
    const mongo = await database.connect();
    await mongo.close();
    await mongo.close();
    expect(mongo.state()).toMatchObject({ state: 'closed' });
    await expect(mongo.use(async () => 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
