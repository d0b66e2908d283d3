import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { removeServerInfo, serverInfoPath, writeServerInfo } from './server-info-file.js';

const INFO = { url: 'http://127.0.0.1:4700', pid: 41, startedAt: '2026-01-01T00:00:00.000Z', version: '0.1.0' };

describe('the server information file', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'tutti-server-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('is written whole, for its owner alone', async () => {
    await writeServerInfo(dir, INFO);
    expect(JSON.parse(await readFile(serverInfoPath(dir), 'utf8'))).toEqual(INFO);
    expect((await stat(serverInfoPath(dir))).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['server.json']);
  });

  it('replaces that of a server that is gone', async () => {
    await writeServerInfo(dir, { ...INFO, pid: 40 });
    await writeServerInfo(dir, INFO);
    expect(JSON.parse(await readFile(serverInfoPath(dir), 'utf8'))).toEqual(INFO);
  });

  it('is removed by the server it is about, and by no other', async () => {
    await writeServerInfo(dir, INFO);
    await removeServerInfo(dir, 42);
    expect(await readdir(dir)).toEqual(['server.json']);
    await removeServerInfo(dir, 41);
    await removeServerInfo(dir, 41);
    expect(await readdir(dir)).toEqual([]);
  });

  it('is left alone when nobody knows whose it is', async () => {
    await writeFile(serverInfoPath(dir), '{');
    await removeServerInfo(dir, 41);
    expect(await readdir(dir)).toEqual(['server.json']);
  });
});
