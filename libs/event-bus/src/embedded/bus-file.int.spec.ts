import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime } from '@tutti/kernel/testing';
import { deadLetters, message, quiet, subscribe, until } from '../testing/recording-member.js';
import { BusFile } from './bus-file.js';
import { createEmbeddedHarness, VIEW_TOPIC, type EmbeddedHarness } from './embedded-harness.js';

describe('the bus file', () => {
  let folder = '';
  let file: BusFile;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-event-bus-'));
    file = new BusFile(join(folder, 'bus.db'), createManualRuntime().timers);
  });
  afterEach(() => {
    file.close();
    rmSync(folder, { recursive: true });
  });
  const insert = (text: string) => () => file.db.prepare('INSERT INTO messages (topic, time, message) VALUES (?, 0, ?)').run('t', text);
  const count = () => Number(file.db.prepare('SELECT count(*) AS n FROM messages').get()?.['n']);

  it('answers writes once another connection sees them, all that waited together', async () => {
    const other = new DatabaseSync(join(folder, 'bus.db'));
    const seen = () => Number(other.prepare('SELECT count(*) AS n FROM messages').get()?.['n']);
    const [first, , third] = [file.durably(insert('a')), file.durably(insert('b')), file.durably(insert('c'))];
    expect(seen()).toBe(0);
    await first;
    expect(seen()).toBe(3);
    await third;
    other.close();
  });

  it('answers DISK_FULL and keeps nothing of the commit when there is no space, and goes on once there is', async () => {
    const pages = Number(file.db.prepare('PRAGMA page_count').get()?.['page_count']);
    file.db.exec(`PRAGMA max_page_count = ${pages + 2}`);
    const writes = await Promise.allSettled([file.durably(insert('small')), file.durably(insert('x'.repeat(100_000)))]);
    expect(writes).toEqual([
      expect.objectContaining({ status: 'rejected', reason: expect.objectContaining({ code: 'DISK_FULL' }) }),
      expect.objectContaining({ status: 'rejected', reason: expect.objectContaining({ code: 'DISK_FULL' }) }),
    ]);
    expect(count()).toBe(0);
    file.db.exec('PRAGMA max_page_count = 100000');
    await file.durably(insert('small'));
    expect(count()).toBe(1);
  });

  it('brings a file of the first version up to today, and refuses one of a later version', () => {
    const path = join(folder, 'old.db');
    const old = new DatabaseSync(path);
    old.exec(`CREATE TABLE held (topic TEXT NOT NULL, deliveries INTEGER NOT NULL) STRICT;
      CREATE TABLE dead_letters (topic TEXT NOT NULL) STRICT; PRAGMA user_version = 1`);
    old.exec("INSERT INTO held VALUES ('t', 1); INSERT INTO dead_letters VALUES ('t')");
    old.close();
    const { timers } = createManualRuntime();
    new BusFile(path, timers).close();
    const opened = new BusFile(path, timers);
    expect({ ...opened.db.prepare('SELECT * FROM held').get() }).toEqual({ topic: 't', deliveries: 1, attempts: '[]' });
    expect({ ...opened.db.prepare('SELECT * FROM dead_letters').get() }).toEqual({ topic: 't', attempts: '[]', discarded: 0 });
    opened.db.exec('PRAGMA user_version = 99');
    opened.close();
    expect(() => new BusFile(path, timers)).toThrow(expect.objectContaining({ code: 'INVALID_CONFIG' }));
  });

  it('is synced at each commit again after a lazy one', () => {
    const synchronous = () => file.db.prepare('PRAGMA synchronous').get()?.['synchronous'];
    file.lazily(insert('a'));
    expect(synchronous()).toBe(2);
    const broken = () => {
      throw new Error('broken');
    };
    expect(() => file.lazily(broken)).toThrow('broken');
    expect(synchronous()).toBe(2);
  });
});

describe('the embedded event bus on a file that refuses writes', () => {
  let harness: EmbeddedHarness;
  afterEach(() => harness.close());
  const change = (sql: string) => {
    const other = new DatabaseSync(harness.file);
    other.exec(sql);
    other.close();
  };

  it('holds back the key of a message that cannot be made a dead letter, and makes it one later', async () => {
    harness = await createEmbeddedHarness(VIEW_TOPIC);
    change("CREATE TRIGGER refuse BEFORE INSERT ON dead_letters BEGIN SELECT RAISE(ABORT, 'refused'); END");
    const anna = await subscribe(harness, {
      maxDeliveries: 1,
      on: ({ id }) => {
        if (id === 'a1') throw new Error('cannot do it');
      },
    });
    await harness.publish(['a1', 'a2', 'b1'].map((id) => message(id)));
    await quiet(harness);
    expect(anna.ids()).toContain('b1');
    expect(anna.ids()).not.toContain('a2');
    expect(harness.errors).toContainEqual(expect.objectContaining({ code: 'STORE_UNAVAILABLE' }));
    change('DROP TRIGGER refuse');
    await until(harness, 'the key goes on', () => anna.ids().includes('a2'));
    expect((await deadLetters(harness)).map(({ id }) => id)).toEqual(['a1']);
  });

  it('goes on handling while nothing can be held, pauses before it keeps too much, and holds it later', async () => {
    harness = await createEmbeddedHarness(VIEW_TOPIC);
    change("CREATE TRIGGER refuse BEFORE INSERT ON held BEGIN SELECT RAISE(ABORT, 'refused'); END");
    const anna = await subscribe(harness);
    const forBen = Array.from({ length: 4_000 }, (_, index) => `m${index}`);
    await harness.publish([message('a1'), ...forBen.map((id) => message(id, { member: 'ben' })), message('b1')]);
    await quiet(harness);
    expect(anna.ids()).toEqual(['a1']);
    change('DROP TRIGGER refuse');
    await until(harness, 'reading goes on', () => anna.ids().includes('b1'));
    await quiet(harness);
    await harness.crash();
    const ben = await subscribe(harness, { member: 'ben' });
    await until(harness, 'ben has his', () => ben.ids().length >= forBen.length);
    expect(ben.ids()).toEqual(forBen);
  });
});
