import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestProcess, type TestProcess } from './child-processes/child-process.js';
import { lockDataFolder } from './data-folder-lock.js';

const CONTENDERS = 5;
/** Each is a process that compiles its sources. */
const LIMIT_MS = 60_000;

const mode = (path: string) => statSync(path).mode & 0o777;

describe('lock of a data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'tutti-lock-')), 'data');
  });
  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  it('refuses a folder that another process holds, names that process, and is free once it is killed', async () => {
    const holder = startTestProcess('hold-data-folder', folder);
    try {
      await holder.prints(1);
      expect(() => lockDataFolder(folder)).toThrow(
        expect.objectContaining({
          code: 'STORE_LOCKED',
          details: { folder, pid: holder.pid, shared: false },
          message: expect.stringContaining(`process ${holder.pid}`),
        }),
      );
    } finally {
      await holder.kill();
    }
    lockDataFolder(folder).release();
  });

  it('refuses a folder that this process holds, until it is released', () => {
    const lock = lockDataFolder(folder);
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
    expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'STORE_LOCKED' }));
    lock.release();
    lock.release();
    lockDataFolder(folder).release();
  });

  it('is not kept by who could not say that it has it, as on a full disk', () => {
    mkdirSync(join(folder, 'lock.json'), { recursive: true });
    expect(() => lockDataFolder(folder)).toThrow('EISDIR');
    rmdirSync(join(folder, 'lock.json'));
    lockDataFolder(folder).release();
  });

  it(
    'is one process’s at a time when many want it, and is never left behind by one that is killed',
    async () => {
      const killed: number[] = [];
      const found: number[] = [];
      let living = Array.from({ length: CONTENDERS }, () => startTestProcess('contend-for-lock', folder));
      try {
        await Promise.all(living.map(({ prints }) => prints(1)));
        for (let round = 0; round < 2 * CONTENDERS; round++) {
          const [victim, ...others] = living;
          if (victim === undefined) throw new Error('nobody is left');
          await victim.prints(victim.lines().length + 3);
          killed.push(victim.pid);
          await victim.kill();
          found.push(...marksOf(victim));
          const next = startTestProcess('contend-for-lock', folder);
          living = [...others, next];
          await next.prints(1);
        }
      } finally {
        await Promise.all(living.map(({ kill }) => kill()));
      }
      found.push(...living.flatMap(marksOf));
      expect(found.filter((pid) => !killed.includes(pid))).toEqual([]);
      lockDataFolder(folder).release();
    },
    LIMIT_MS,
  );

  it('says whether its holder serves the folder to others', () => {
    const lock = lockDataFolder(folder, { shared: true });
    const refusal = expect.objectContaining({ code: 'STORE_LOCKED', details: { folder, pid: process.pid, shared: true } });
    expect(() => lockDataFolder(folder)).toThrow(refusal);
    lock.release();
  });

  it('makes the folder and its files readable to their owner only', () => {
    const lock = lockDataFolder(folder);
    expect([folder, join(folder, 'lock.db'), join(folder, 'lock.json')].map(mode)).toEqual([0o700, 0o600, 0o600]);
    lock.release();
  });
});

/** Whose marks it found when it had the lock. */
function marksOf(process: TestProcess): readonly number[] {
  return process.lines().flatMap((line) => (line.startsWith('found ') ? [Number(line.slice('found '.length))] : []));
}
