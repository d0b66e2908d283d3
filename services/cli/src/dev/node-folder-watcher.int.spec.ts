import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createNodeFolderWatcher } from './node-folder-watcher.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tutti-watcher-'));
  await mkdir(join(folder, 'below'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the watcher of folders', () => {
  it('gives word of a change below the folder', async () => {
    let stop = (): void => {};
    const hinted = new Promise<void>((resolve) => (stop = createNodeFolderWatcher().watch([folder], resolve)));
    await writeFile(join(folder, 'below', 'one.ts'), 'one');
    await hinted;
    stop();
  });

  it('passes over a folder that is not there', () => {
    expect(() => createNodeFolderWatcher().watch([join(folder, 'nowhere')], () => {})()).not.toThrow();
  });
});
