import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDataFolder } from '@tutti/event-store/embedded';
import { createLiveReadModel, startProjection } from '@tutti/read-models';
import { countedThings, type ThingCount } from '../child-processes/counted-things.js';
import { thingEvent } from '../child-processes/thing-event.js';
import { THINGS } from '../child-processes/thing-view.js';
import { realRuntime } from '../real-runtime-harness.js';
import { storeSocketPath } from '../socket-path.js';
import type { StoreHostLogger } from '../store-ports.js';
import { openSharedFolder, type SharedFolder } from './shared-folder.js';

const runtime = realRuntime(3);
const WAIT_MS = 20_000;

describe('a data folder that processes share', () => {
  let dataDir: string;
  const logged: string[] = [];
  const opened: SharedFolder[] = [];
  const logger: StoreHostLogger = { info: () => {}, warn: (message) => logged.push(message), error: (message) => logged.push(message) };

  function open(mayHost = true): SharedFolder {
    const folder = openSharedFolder({ dataDir, mayHost, views: [THINGS], minFreeBytes: 0, runtime, logger });
    opened.push(folder);
    return folder;
  }

  const append = (folder: SharedFolder, stream: string) => folder.eventStore.append(stream, [thingEvent(runtime)], 'any');

  beforeEach(() => {
    dataDir = join(mkdtempSync(join(tmpdir(), 'tutti-folder-')), 'data');
    logged.length = 0;
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((folder) => folder.close()));
    rmSync(join(dataDir, '..'), { recursive: true });
  });

  it('is hosted by one of those that may, in whichever order they come, and by none that may not', async () => {
    const guest = open(false);
    const hosts = [open(), open(), open()];
    expect(await Promise.all([guest, ...hosts].map((folder) => folder.connected()))).toEqual([true, true, true, true]);
    expect(guest.hosting).toBe(false);
    expect(hosts.filter(({ hosting }) => hosting)).toHaveLength(1);
    const { position } = await append(guest, 'thing-1');
    expect(await Promise.all(hosts.map(({ eventStore }) => eventStore.head()))).toEqual([position, position, position]);
  });

  it('is handed over by a host that closes: what waits goes on, another hosts, and nothing is said in the log', async () => {
    const [first, second] = [open(), open()];
    await Promise.all([first.connected(), second.connected()]);
    const [host, next] = first.hosting ? [first, second] : [second, first];
    const seen: number[] = [];
    next.eventStore.subscribe({ after: -1, onBatch: (events) => void seen.push(...events.map(({ revision }) => revision)) });
    const handled: string[] = [];
    await next.eventBus.subscribe({ topic: THINGS.topic, group: 'g', member: 'm', handle: async ({ id }) => void handled.push(id) });
    let closed: Promise<void> = Promise.resolve();
    for (let revision = 0; revision < 300; revision++) {
      if (revision === 150) closed = host.close();
      expect((await next.eventStore.append('thing-1', [thingEvent(runtime)], revision - 1 < 0 ? 'no-stream' : revision - 1)).revision).toBe(
        revision,
      );
    }
    await closed;
    await until(() => handled.length >= 300 && seen.length >= 300);
    expect(seen).toEqual(Array.from({ length: 300 }, (_, revision) => revision));
    expect(new Set(handled).size).toBe(300);
    expect([host.hosting, next.hosting, host.status.status]).toEqual([false, true, 'closed']);
    expect(logged).toEqual(['not connected to the store host']);
    await expect(append(host, 'thing-1')).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('names whoever holds it and shares it with nobody, and is taken once that one has gone', async () => {
    const lock = lockDataFolder(dataDir);
    const folder = open();
    const refusal = { code: 'STORE_LOCKED', details: { folder: dataDir, pid: process.pid, shared: false } };
    await expect(folder.connected()).rejects.toMatchObject(refusal);
    expect(folder.status).toMatchObject({ status: 'refused', error: refusal });
    expect(logged).toEqual(['the data folder cannot be had']);
    lock.release();
    await until(() => folder.status.status === 'connected');
    expect([await folder.connected(), folder.hosting]).toEqual([true, true]);
  });

  it('waits for whoever holds it to serve it, however long that takes', async () => {
    const lock = lockDataFolder(dataDir, { shared: true });
    const folder = open();
    const connected = folder.connected();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect([folder.status.status, logged]).toEqual(['connecting', []]);
    lock.release();
    expect(await connected).toBe(true);
  });

  it('says what keeps it from being opened, lets it go, and has it once that is mended', async () => {
    lockDataFolder(dataDir).release();
    const socket = storeSocketPath(dataDir);
    writeFileSync(socket, 'in the way');
    const folder = open();
    await expect(folder.connected()).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    rmSync(socket);
    await until(() => folder.status.status === 'connected');
    expect(folder.hosting).toBe(true);
  });

  it('names a damaged file', async () => {
    lockDataFolder(dataDir).release();
    writeFileSync(join(dataDir, 'events.db'), 'no database at all, and longer than any header of one would be'.repeat(100));
    await expect(open().connected()).rejects.toMatchObject({ code: 'DATA_DAMAGED' });
  });

  it('is not opened over a log that ends before what others have seen of it', async () => {
    const before = open();
    await before.eventBus.subscribe({ topic: THINGS.topic, group: 'g', member: 'm', handle: async () => {} });
    const model = await before.readModels.open({ name: 'things', version: 1, indexes: [] });
    await model.write([], (await append(before, 'thing-1')).position);
    await before.close();
    rmSync(join(dataDir, 'events.db'));
    await expect(open().connected()).rejects.toMatchObject({ code: 'DATA_DAMAGED', details: { head: -1, seen: 0 } });
  });

  it('is opened anew when a commit fails: whoever waits for an append never knows', async () => {
    const [first, second] = [open(), open()];
    await Promise.all([first.connected(), second.connected()]);
    await append(first, 'thing-1');
    // Another writer, against the rule, takes the next position.
    const other = new DatabaseSync(join(dataDir, 'events.db'));
    const columns = "kind_id, 'foreign', 1, time_ms, previous_hash, data, metadata, checksum";
    other.exec(`INSERT INTO events SELECT 1, stream_id, 1, ${columns} FROM events WHERE position = 0`);
    other.close();
    const [host, next] = first.hosting ? [first, second] : [second, first];
    const answers = await Promise.all(['thing-2', 'thing-3', 'thing-4'].map((stream) => append(next, stream)));
    expect(answers.map(({ position }) => position).sort()).toEqual([2, 3, 4]);
    expect([host.hosting, next.hosting]).toEqual([false, true]);
    expect(logged).toContain('gives the data folder up, to be opened anew');
    await next.close();
    expect((await append(host, 'thing-5')).position).toBe(5);
  });

  it('is closed while it waits, while it is opened, and twice', async () => {
    const waiting = open(false);
    const connected = waiting.connected();
    await waiting.close();
    expect(await connected).toBe(false);
    const opening = open();
    await Promise.all([opening.close(), opening.close()]);
    expect([opening.hosting, await opening.connected()]).toEqual([false, false]);
    lockDataFolder(dataDir).release();
    expect(existsSync(storeSocketPath(dataDir))).toBe(false);
  });

  it('has a projection follow what others append, over a change of the host, and be rebuilt beside the live one', async () => {
    const [first, second, folding, reading] = [open(), open(), open(false), open(false)];
    await Promise.all([first, second, folding, reading].map((folder) => folder.connected()));
    const [host, other] = first.hosting ? [first, second] : [second, first];
    const ports = { store: folding.eventStore, readModels: folding.readModels, runtime };
    const running = await startProjection({ projection: countedThings(1), ...ports });
    await running.caughtUp;
    const live = createLiveReadModel<ThingCount>(reading.readModels, countedThings(1));
    const countAt = async (position: number) => {
      await running.waitFor(position, WAIT_MS);
      return (await live.get('thing-1'))?.document.count;
    };
    for (let count = 1; count <= 100; count++) {
      if (count === 50) await host.close();
      expect(await countAt((await append(other, 'thing-1')).position)).toBe(count);
    }
    await running.close();
    expect(running.status().state).toBe('closed');
    const rebuilt = await startProjection({ projection: countedThings(2), ...ports });
    await rebuilt.caughtUp;
    expect(await reading.readModels.liveVersion('things')).toBe(2);
    expect((await live.get('thing-1'))?.document.count).toBe(100);
    await rebuilt.close();
  });
});

async function until(holds: () => boolean): Promise<void> {
  for (let waited = 0; waited < WAIT_MS; waited += 10) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`did not come to pass within ${WAIT_MS} ms`);
}
