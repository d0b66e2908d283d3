import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import { serveDataFolder, type ServedDataFolder } from '../eventstoredb-listener/serve-data-folder.js';
import { all, follow, someEvents } from '../testing/contract/contract-events.js';
import { openEventStoreDb, type EventStoreDbEventStore } from './eventstoredb-event-store.js';

describe('EventStoreDB with TLS and users', () => {
  const runtime = createProcessRuntime();
  let folder: string;
  let served: ServedDataFolder;
  let port: string;
  const stores: EventStoreDbEventStore[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-esdb-access-'));
    for (const name of ['server', 'other']) makeCertificate(folder, name);
    const tls = { key: readFileSync(join(folder, 'server.key')), cert: readFileSync(join(folder, 'server.crt')) };
    served = await serveDataFolder({ folder: join(folder, 'data'), runtime, tls, users: { tutti: 'p:ss w@rd', ops: 'x' } });
    port = new URL(served.connectionString).port;
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await served.close();
    rmSync(folder, { recursive: true });
  });

  function open(credentials: string, settings: string): EventStoreDbEventStore {
    const connectionString = `esdb://${credentials}127.0.0.1:${port}?${settings}`;
    const store = openEventStoreDb({ connectionString, runtime, appendLimitMs: 3_000, readLimitMs: 3_000 });
    stores.push(store);
    return store;
  }

  const trusted = (): string => `tls=true&tlsCAFile=${join(folder, 'server.crt')}`;
  const right = `tutti:${encodeURIComponent('p:ss w@rd')}@`;

  it('appends, reads and follows with the right certificate, user and password', async () => {
    const store = open(right, trusted());
    await store.connected(5_000);
    const follower = follow(store, { after: -1 });
    const { position, events } = await store.append('thing-1', someEvents(2), 'no-stream');
    await follower.reaches(position);
    expect(await all(store.readAll())).toEqual(events);
    await store.saveSnapshot('thing-1', { revision: 1, schemaVersion: 1, state: 1 });
    expect(await store.loadSnapshot('thing-1')).toMatchObject({ revision: 1 });
  });

  it.each([
    ['a wrong password', 'tutti:wrong@'],
    ['a user that there is not', 'nobody:x@'],
    ['nobody', ''],
  ])('is refused clearly as %s, at once and without the password', async (_, credentials) => {
    const store = open(credentials, trusted());
    const refusal = { code: 'INVALID_CONFIG', message: expect.stringContaining('refuses the credentials') };
    await expect(store.connected()).rejects.toMatchObject(refusal);
    await expect(store.append('thing-2', someEvents(1), 'no-stream')).rejects.toMatchObject(refusal);
    await expect(all(store.readAll())).rejects.toMatchObject(refusal);
    await expect(follow(store, { after: -1 }).ended).rejects.toMatchObject(refusal);
    expect(store.state()).toMatchObject({ connected: false, reason: expect.stringContaining('refuses the credentials') });
  });

  it.each([
    ['a certificate that it does not trust', () => `tls=true&tlsCAFile=${join(folder, 'other.crt')}`],
    ['a certificate of nobody it knows', () => 'tls=true'],
  ])('refuses %s, and says so', async (_, settings) => {
    const store = open(right, settings());
    const refusal = { code: 'INVALID_CONFIG', message: expect.stringContaining('TLS') };
    await expect(store.connected()).rejects.toMatchObject(refusal);
    await expect(store.append('thing-3', someEvents(1), 'no-stream')).rejects.toMatchObject(refusal);
  });

  it('finds no certificate file, or no connection string, before it connects, and keeps the password to itself', () => {
    expect(() => open(right, 'tls=true&tlsCAFile=/nowhere/ca.crt')).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
    const broken = (): unknown => openEventStoreDb({ connectionString: 'esdb://tutti:secret@host:port:2?tls', runtime });
    expect(broken).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG', message: expect.not.stringContaining('secret') }));
  });

  it('does not reach a server with TLS without it', async () => {
    const store = open('', 'tls=false');
    await expect(store.connected(1_000)).rejects.toMatchObject({ code: expect.stringMatching(/STORE_UNAVAILABLE|INVALID_CONFIG/) });
  });

  it('has no users without TLS', async () => {
    await expect(serveDataFolder({ folder: join(folder, 'plain'), runtime, users: { tutti: 'x' } })).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
    });
  });
});

function makeCertificate(folder: string, name: string): void {
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', ...subject, ...files],
    {
      stdio: 'ignore',
    },
  );
}
