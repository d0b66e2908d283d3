import { mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the folder needs of a file system. Paths are absolute. */
export interface BlobDisk {
  /** Makes the folder and those above it, for the owner alone, and makes them durable. */
  makeFolder(path: string): Promise<void>;
  /** Names in a folder; none when it does not exist. */
  list(path: string): Promise<readonly string[]>;
  /** Null when there is no such file. */
  stat(path: string): Promise<{ readonly bytes: number; readonly modifiedMs: number } | null>;
  /** Null when there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** A new file, readable by the owner alone, durable with its time when it resolves; its name in the folder may not be. */
  writeNew(path: string, bytes: Uint8Array, modifiedMs: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Makes names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  touch(path: string, modifiedMs: number): Promise<void>;
  /** Nothing happens when there is no such file. */
  remove(path: string): Promise<void>;
}

export const nodeDisk: BlobDisk = {
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  },
  list: async (path) => (await orNull(readdir(path))) ?? [],
  async stat(path) {
    const found = await orNull(stat(path));
    return found === null ? null : { bytes: found.size, modifiedMs: Math.round(found.mtimeMs) };
  },
  read: (path) => orNull(readFile(path)),
  async writeNew(path, bytes, modifiedMs) {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(bytes);
      await handle.utimes(modifiedMs / 1000, modifiedMs / 1000);
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  rename,
  syncFolder,
  touch: (path, modifiedMs) => utimes(path, modifiedMs / 1000, modifiedMs / 1000),
  remove: (path) => rm(path, { force: true }),
};

async function syncFolder(path: string): Promise<void> {
  // Windows has no handle on a folder that could be synced; there the file system's own journal keeps the names.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function orNull<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
