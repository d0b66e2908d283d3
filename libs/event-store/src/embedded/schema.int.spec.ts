import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { IS_INDEXED_KIND, openDatabase } from './schema.js';

describe('database of the embedded event store', () => {
  let folder: string;
  let database: DatabaseSync;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-schema-'));
    database = openDatabase(join(folder, 'events.db'));
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['wal_autocheckpoint', 8_192],
    ['user_version', 2],
    ['application_id', 0x54555454],
  ])('is opened with %s %s, on which durability and bounds rest', (pragma, value) => {
    expect(Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})).toEqual([value]);
  });

  it.each([
    ['a stream', 'SELECT * FROM events WHERE stream_id = ? AND revision >= 0 ORDER BY revision', 'events_by_stream'],
    [
      'a kind',
      `SELECT position FROM events WHERE ${IS_INDEXED_KIND} AND kind_id = ? AND position >= 0 ORDER BY position`,
      'events_by_kind',
    ],
  ])('finds %s by index, without sorting', (_what, sql, index) => {
    const plan = database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all(1)
      .map((row) => row['detail']);
    expect(plan).toEqual([expect.stringContaining(index)]);
  });

  it('leaves data as it is when it is opened again', () => {
    database.exec(`INSERT INTO streams (id, name) VALUES (1, 'thing-1')`);
    database.close();
    database = openDatabase(join(folder, 'events.db'));
    expect(database.prepare('SELECT name FROM streams').all()).toEqual([{ name: 'thing-1' }]);
  });
});
