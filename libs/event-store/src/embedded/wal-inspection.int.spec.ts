import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { inspectWal } from './wal-inspection.js';

const HEADER_BYTES = 32;
const FRAME_BYTES = 24 + 4_096;
const TRANSACTIONS = 8;

describe('inspection of a write-ahead log', () => {
  let folder: string;
  /** As a killed process leaves it. */
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tutti-wal-'));
    file = join(folder, 'killed.db');
    const live = join(folder, 'live.db');
    const database = new DatabaseSync(live);
    database.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (n INTEGER, text TEXT)',
    );
    const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
    for (let n = 0; n < TRANSACTIONS; n++) insert.run(n, 'x'.repeat(3_000));
    copyFileSync(live, file);
    copyFileSync(`${live}-wal`, `${file}-wal`);
    database.close();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds nothing where there is no log, and a log of a killed process whole', () => {
    expect(inspectWal(join(folder, 'none.db'))).toEqual({ state: 'whole', detail: '' });
    expect(inspectWal(file)).toEqual({ state: 'whole', detail: '' });
  });

  it('calls a log whole that goes on over what an earlier use left', () => {
    const database = new DatabaseSync(file);
    database.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(RESTART); INSERT INTO t VALUES (99, NULL)');
    const copy = join(folder, 'reset.db');
    copyFileSync(file, copy);
    copyFileSync(`${file}-wal`, `${copy}-wal`);
    database.close();
    expect(readFileSync(`${copy}-wal`).length).toBeGreaterThan(HEADER_BYTES + 3 * FRAME_BYTES);
    expect(inspectWal(copy)).toEqual({ state: 'whole', detail: '' });
  });

  it('finds a byte that changed anywhere but in the last transaction, which SQLite would answer with a shorter table', () => {
    const whole = readFileSync(`${file}-wal`);
    const lastTransaction = lastCommits(whole)[1] ?? 0;
    const missed: number[] = [];
    for (let offset = 0; offset < HEADER_BYTES + lastTransaction * FRAME_BYTES; offset += 61) {
      const changed = Buffer.from(whole);
      changed.writeUInt8((changed.readUInt8(offset) ^ 0x10) & 0xff, offset);
      writeFileSync(`${file}-wal`, changed);
      if (inspectWal(file).state !== 'damaged') missed.push(offset);
    }
    expect(missed).toEqual([]);
  });

  it('calls the last transaction unfinished when a byte of it changed or is not there', () => {
    const whole = readFileSync(`${file}-wal`);
    const [last = 0] = lastCommits(whole);
    for (const inFrame of [3, 9, 13, 17, 30, 4_000]) {
      const changed = Buffer.from(whole);
      const offset = HEADER_BYTES + last * FRAME_BYTES + inFrame;
      changed.writeUInt8(changed.readUInt8(offset) ^ 0x10, offset);
      writeFileSync(`${file}-wal`, changed);
      expect([inFrame, inspectWal(file).state]).toEqual([inFrame, 'unfinished']);
    }
    writeFileSync(`${file}-wal`, whole.subarray(0, HEADER_BYTES + last * FRAME_BYTES + 2_000));
    expect(inspectWal(file).state).toBe(isCommit(whole, last - 1) ? 'whole' : 'unfinished');
  });

  it('leaves the log as it is', () => {
    const before = readFileSync(`${file}-wal`);
    inspectWal(file);
    expect(readFileSync(`${file}-wal`).equals(before)).toBe(true);
  });
});

/** Frames that end a transaction, the last first. */
function lastCommits(log: Buffer): readonly number[] {
  const frames = Math.floor((log.length - HEADER_BYTES) / FRAME_BYTES);
  return Array.from({ length: frames }, (_, frame) => frames - 1 - frame).filter((frame) => isCommit(log, frame));
}

function isCommit(log: Buffer, frame: number): boolean {
  return log.readUInt32BE(HEADER_BYTES + frame * FRAME_BYTES + 4) !== 0;
}
