import { constants, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { assertFree } from './backup.js';
import { sync } from './durable-files.js';
import { assertWhole, readManifest, type Manifest } from './manifest.js';

/**
 * Makes a data folder of a backup. Every file is held against the manifest first, and the folder has its name only when it is whole and durable.
 *
 * @throws TuttiError INVALID_REQUEST for what is no backup, or a data folder with something in it · DATA_DAMAGED with every file that is not as it was
 */
export async function restoreBackup(options: { readonly from: string; readonly dataDir: string }): Promise<Manifest> {
  const [from, dataDir] = [resolve(options.from), resolve(options.dataDir)];
  const manifest = await readManifest(from);
  await assertFree(dataDir);
  await assertWhole(from, manifest);
  const partial = `${dataDir}.unfinished`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  try {
    for (const { path } of manifest.files) await copyDurably(join(from, path), join(partial, path));
    await assertWhole(partial, manifest);
    if (existsSync(dataDir)) await rmdir(dataDir);
    await rename(partial, dataDir);
    await sync(dirname(dataDir));
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to, constants.COPYFILE_EXCL);
  await chmod(to, 0o600);
  await sync(to);
  await sync(dirname(to));
}
