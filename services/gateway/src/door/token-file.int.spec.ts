import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureToken, tokenPath } from './token-file.js';

describe('the token file', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tutti-token-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('is made at the first start, for its owner alone, and kept', async () => {
    const folder = join(dir, 'data');
    const token = await ensureToken(folder);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect((await stat(tokenPath(folder))).mode & 0o777).toBe(0o600);
    expect(await ensureToken(folder)).toBe(token);
    expect(await ensureToken(join(dir, 'other'))).not.toBe(token);
  });

  it('is the same for all that make it at once, and leaves nothing beside it', async () => {
    const folder = join(dir, 'data');
    const tokens = await Promise.all(Array.from({ length: 20 }, () => ensureToken(folder)));
    expect(new Set(tokens).size).toBe(1);
    expect(await readdir(folder)).toEqual(['token']);
  });

  it('is not touched when a token is configured', async () => {
    expect(await ensureToken(dir, 'configured-token-1')).toBe('configured-token-1');
    await expect(readFile(tokenPath(dir))).rejects.toThrow('ENOENT');
  });

  it('is taken back from those whom it is not for', async () => {
    const token = await ensureToken(dir);
    await chmod(tokenPath(dir), 0o644);
    expect(await ensureToken(dir)).toBe(token);
    expect((await stat(tokenPath(dir))).mode & 0o777).toBe(0o600);
  });

  it('is made again when a crash left it empty', async () => {
    await writeFile(tokenPath(dir), '', { mode: 0o644 });
    const token = await ensureToken(dir);
    expect(await readFile(tokenPath(dir), 'utf8')).toBe(`${token}\n`);
    expect((await stat(tokenPath(dir))).mode & 0o777).toBe(0o600);
  });

  it('is refused when it holds something else, with what to do', async () => {
    await writeFile(tokenPath(dir), 'two words and more\n');
    await expect(ensureToken(dir)).rejects.toMatchObject({ code: 'INVALID_CONFIG', message: expect.stringContaining('delete it') });
  });
});
