import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sha256Hex } from '@tutti/kernel';
import { filePattern, fileSource } from './file-pattern.js';
import { isBelow } from './file-watch.js';
import { createFsFolders } from './fs-folders.js';

describe('folders of this machine', () => {
  const folders = createFsFolders();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tutti-files-'));
    await mkdir(join(folder, 'below'));
    await writeFile(join(folder, 'a.csv'), 'a,b');
    await writeFile(join(folder, 'below', 'b.csv'), 'c');
    await symlink('/etc/passwd', join(folder, 'link.csv'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('list regular files by name, those below when asked to, and no links', async () => {
    expect((await folders.list(folder, false, 10)).map(({ name, bytes }) => [name, bytes])).toEqual([['a.csv', 3]]);
    expect((await folders.list(folder, true, 10)).map(({ name }) => name)).toEqual(['a.csv', 'below/b.csv']);
    expect(await folders.list(folder, true, 1)).toHaveLength(1);
    expect(await folders.list(join(folder, 'none'), true, 10)).toEqual([]);
  });

  it('hash content, and say of what is gone that it is gone', async () => {
    expect(await folders.hash(folder, 'a.csv')).toBe(sha256Hex('a,b'));
    expect(await folders.hash(folder, 'gone.csv')).toBeNull();
  });

  it('follow links to where they lead', async () => {
    await symlink(join(folder, 'below'), join(folder, 'elsewhere'));
    expect(await folders.real(join(folder, 'elsewhere'))).toBe(await folders.real(join(folder, 'below')));
    expect(await folders.real(join(folder, 'none'))).toBeNull();
  });

  it('tell of changes', async () => {
    const changed = new Promise<void>((resolve) => {
      const end = folders.watch(folder, false, () => {
        end();
        resolve();
      });
    });
    await writeFile(join(folder, 'new.csv'), 'x');
    await changed;
    expect((await folders.list(folder, false, 10)).map(({ name }) => name)).toEqual(['a.csv', 'new.csv']);
  });

  it('are watched without effect where there is nothing', () => {
    expect(() => folders.watch(join(folder, 'none'), false, () => undefined)()).not.toThrow();
  });
});

describe('the pattern of a file', () => {
  it.each([
    ['*.csv', ['a.csv', '.csv'], ['a.CSV', 'below/a.csv', 'acsv']],
    ['**/*.csv', ['a.csv', 'x/a.csv', 'x/y/a.csv'], ['a.txt']],
    ['in-?/[a].txt', ['in-1/[a].txt'], ['in-1/a.txt', 'in-12/[a].txt']],
    ['**', ['a', 'x/y'], []],
  ])('%s means its files and no others', (pattern, yes, no) => {
    const matches = filePattern(pattern);
    expect([yes.map(matches), no.map(matches)]).toEqual([yes.map(() => true), no.map(() => false)]);
  });

  it('takes no longer for a name that almost matches', () => {
    expect(filePattern('*a'.repeat(90))('a'.repeat(89) + 'b'.repeat(160))).toBe(false);
  });
});

describe('a file trigger’s folder', () => {
  it('is one of the configured ones or below one, however it is written', () => {
    expect(['/drop', '/drop/in', '/drop/in/../x'].map((folder) => isBelow(folder, ['/drop']))).toEqual([true, true, true]);
    expect(['/', '/dropped', '/drop/../etc'].map((folder) => isBelow(folder, ['/drop']))).toEqual([false, false, false]);
    expect(isBelow('/drop', [])).toBe(false);
    expect(fileSource('/drop/in/')).toBe('/files/drop/in');
  });
});
