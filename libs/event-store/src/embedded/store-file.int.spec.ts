import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { all, nextTurn, someEvent, someEvents } from '../testing/contract/contract-events.js';
import { openEmbeddedEventStore, type EmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded-event-store.js';

const MIB = 1024 * 1024;

describe('file of the embedded event store', () => {
  let folder: string;
  let file: string;
  let runtime: ManualRuntime;
  let opened: EmbeddedEventStore[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-file-'));
    file = join(folder, 'data', 'events.db');
    runtime = createManualRuntime();
    opened = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    rmSync(folder, { recursive: true });
  });

  async function open(options: Partial<EmbeddedEventStoreOptions> = {}): Promise<EmbeddedEventStore> {
    const store = await openEmbeddedEventStore({ file, runtime, ...options });
    opened.push(store);
    return store;
  }

  /** Changes the file as another program would. */
  function tamper(sql: string): void {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  }

  it('is readable to its owner only, with its log', async () => {
    const store = await open();
    await store.append('thing-1', someEvents(1), 'no-stream');
    const files = readdirSync(join(folder, 'data'));
    expect(files).toEqual(expect.arrayContaining(['events.db', 'events.db-wal']));
    for (const name of files) expect(statSync(join(folder, 'data', name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  });

  it.each([
    [
      'no database',
      () => writeFileSync(file, 'just some text, and more of it than a header has: '.repeat(40)),
      'is not an SQLite database',
    ],
    ['a database of another program', () => tamper('CREATE TABLE notes (text TEXT)'), 'another program'],
    ['of a later version', () => tamper('PRAGMA application_id = 0x54555454; PRAGMA user_version = 99'), 'schema version 99'],
  ])('is refused with its name and the fix when it is %s', async (_what, make, found) => {
    mkdirSync(join(folder, 'data'));
    make();
    const message = expect.stringMatching(`${file}.*${found}.*restore it from a backup`);
    await expect(open()).rejects.toEqual(expect.objectContaining({ code: 'DATA_DAMAGED', message }));
  });

  it('is refused as damaged when it is cut off', async () => {
    const store = await open();
    await store.append('thing-1', someEvents(300), 'no-stream');
    await store.close();
    truncateSync(file, 5_000);
    const damage = open()
      .then((again) => again.verify())
      .then(
        (report) => report.damage?.kind,
        (error: { code: string }) => error.code,
      );
    expect(['DATA_DAMAGED', 'file']).toContain(await damage);
  });

  it('fails a read with what is damaged when a text in it is', async () => {
    const store = await open();
    await store.append('thing-1', someEvents(3), 'no-stream');
    tamper(`UPDATE events SET data = '{"cut' WHERE position = 1`);
    await expect(all(store.readStream('thing-1'))).rejects.toMatchObject({
      code: 'DATA_DAMAGED',
      message: expect.stringContaining('position 1'),
    });
  });

  const swap = ['-1 WHERE revision = 1', '1 WHERE revision = 2', '2 WHERE revision = -1'];
  it.each([
    ['data that was changed', `UPDATE events SET data = '{}' WHERE position = 2`, 1],
    ['data of the newest event that was changed', `UPDATE events SET data = '{}' WHERE position = 4`, 3],
    ['an event that was taken out', 'DELETE FROM events WHERE position = 2', 2],
    ['a time that was changed', 'UPDATE events SET time_ms = time_ms + 1 WHERE position = 1', 0],
    ['a hash that was changed', `UPDATE events SET previous_hash = 'x' WHERE position = 3`, 2],
    ['events that changed places', swap.map((change) => `UPDATE events SET revision = ${change}`).join(';'), 1],
    ['a text that is no JSON', `UPDATE events SET data = '{' WHERE position = 4`, 3],
  ])('verifies to the first damage: %s', async (_what, sql, revision) => {
    const store = await open();
    await store.append('other-1', someEvents(1), 'no-stream');
    await store.append('thing-1', someEvents(4), 'no-stream');
    await expect(store.verify()).resolves.toEqual({ events: 5, streams: 2, damage: null });
    tamper(sql);
    await expect(store.verify()).resolves.toMatchObject({ damage: { kind: 'event', stream: 'thing-1', revision } });
  });

  it('refuses writes below the floor of free space with nothing written, and takes them again once there is room', async () => {
    let free = 100 * MIB;
    const store = await open({ minFreeBytes: 50 * MIB, freeSpace: () => free });
    await store.append('thing-1', someEvents(1), 'no-stream');
    free = 50 * MIB;
    await runtime.advance(1_000);
    await expect(store.append('thing-1', someEvents(1), 0)).rejects.toMatchObject({ code: 'DISK_FULL', retryable: true });
    expect(await store.head()).toBe(0);
    free = 60 * MIB;
    await runtime.advance(1_000);
    await expect(store.append('thing-1', someEvents(1), 0)).resolves.toMatchObject({ revision: 1 });
  });

  it('asks for the free space at most once a second, and counts down what it writes meanwhile', async () => {
    let asked = 0;
    const free = () => (asked++, 50 * MIB + 1_000_000);
    const store = await open({ minFreeBytes: 50 * MIB, freeSpace: free });
    const large = () => [someEvent('ThingGrew', { text: 'x'.repeat(400_000) })];
    await store.append('thing-1', large(), 'any');
    await store.append('thing-1', large(), 'any');
    await expect(store.append('thing-1', large(), 'any')).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(asked).toBe(1);
  });

  it('refuses writes as overload beyond what may wait, and takes them again later', async () => {
    const store = await open({ maxQueuedBytes: 1_000 });
    const settled = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => store.append(`thing-${index}`, someEvents(1), 'no-stream')),
    );
    const refused = settled.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(10);
    for (const outcome of refused) expect(outcome.reason).toMatchObject({ code: 'OVERLOADED', retryable: true });
    expect(await store.head()).toBe(10 - refused.length - 1);
    await expect(store.append('thing-99', someEvents(1), 'no-stream')).resolves.toMatchObject({ revision: 0 });
  });

  it.each([false, true])(
    'takes no write after a failed commit until it is opened again, but is still read (writer thread: %s)',
    async (writerThread) => {
      const store = await open({ writerThread });
      const { events } = await store.append('thing-1', someEvents(2), 'no-stream');
      // Another writer, against the rule, takes the next position.
      tamper(
        `INSERT INTO events SELECT 2, stream_id, 2, kind_id, 'foreign', 1, time_ms, previous_hash, data, metadata, checksum FROM events WHERE position = 1`,
      );
      const lost = [store.append('thing-2', someEvents(1), 'no-stream'), store.append('thing-3', someEvents(1), 'no-stream')];
      for (const outcome of await Promise.allSettled(lost)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'STORE_UNAVAILABLE', retryable: false } });
      }
      await expect(store.append('thing-4', someEvents(1), 'no-stream')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      expect(await all(store.readStream('thing-1', { limit: 2 }))).toEqual(events);
      await store.close();
      tamper(`DELETE FROM events WHERE event_id = 'foreign'`);
      const again = await open();
      await expect(again.append('thing-2', someEvents(1), 'no-stream')).resolves.toMatchObject({ position: 2 });
    },
  );

  it('waits for another program that holds it, with a writer thread', async () => {
    const store = await open({ writerThread: true });
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    const append = store.append('thing-1', someEvents(1), 'no-stream');
    await expect(Promise.race([append, nextTurn().then(() => 'waits')])).resolves.toBe('waits');
    other.exec('ROLLBACK');
    other.close();
    await expect(append).resolves.toMatchObject({ revision: 0 });
  });

  it('takes up a file of the first schema', async () => {
    const store = await open();
    const { events } = await store.append('thing-1', someEvents(3), 'no-stream');
    await store.close();
    tamper(`DROP INDEX events_by_kind; CREATE INDEX events_by_kind ON events (kind_id); CREATE INDEX events_by_id ON events (event_id);
      ALTER TABLE events DROP COLUMN checksum; PRAGMA user_version = 1`);
    const again = await open();
    expect(await all(again.readAll({ filter: { types: [events[0]?.type ?? ''] } }))).toEqual(events);
    await expect(again.append('thing-1', someEvents(1), 2)).resolves.toMatchObject({ revision: 3 });
  });

  it('is refused writes, not lost for good, while another program holds it', async () => {
    const store = await open();
    const other = new DatabaseSync(file);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.append('thing-1', someEvents(1), 'no-stream')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    other.exec('ROLLBACK');
    other.close();
    await expect(store.append('thing-1', someEvents(1), 'no-stream')).resolves.toMatchObject({ revision: 0 });
  });

  it('moves its log into the database when nothing has been written for a while', async () => {
    const store = await open();
    await store.append('thing-1', someEvents(200), 'no-stream');
    const before = statSync(file).size;
    await runtime.advance(1_000);
    expect(statSync(file).size).toBeGreaterThan(before);
  });

  it('keeps its log small under steady writing', async () => {
    const store = await open();
    const largest = () => [someEvent('ThingGrew', { text: 'x'.repeat(500_000) })];
    for (let index = 0; index < 80; index++) await store.append(`thing-${index}`, largest(), 'no-stream');
    expect(statSync(`${file}-wal`).size).toBeLessThan(12 * MIB);
  });
});
