import { createHash } from 'node:crypto';
import { createReadStream, watch } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders, FoundFile } from './folders.port.js';

const MAX_DEPTH = 10;

/** Folders of this machine. */
export function createFsFolders(): Folders {
  return {
    real: (path) => realpath(path).catch(() => null),
    async list(folder, below, most) {
      const found: FoundFile[] = [];
      await gather(folder, '', below ? MAX_DEPTH : 0, most, found);
      return found;
    },
    hash: (folder, name) =>
      new Promise((resolve, reject) => {
        const hash = createHash('sha256');
        createReadStream(join(folder, name))
          .on('data', (chunk) => hash.update(chunk))
          .on('end', () => resolve(hash.digest('hex')))
          .on('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(null) : reject(error)));
      }),
    watch(folder, below, onChange) {
      try {
        const watcher = watch(folder, { recursive: below, persistent: false }, onChange);
        watcher.on('error', onChange);
        return () => watcher.close();
      } catch {
        // Not there yet: it is looked at again in a while.
        return () => undefined;
      }
    },
  };
}

async function gather(folder: string, prefix: string, depth: number, most: number, found: FoundFile[]): Promise<void> {
  const entries = await readdir(join(folder, prefix), { withFileTypes: true }).catch(() => []);
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (found.length >= most) return;
    const name = `${prefix}${entry.name}`;
    if (entry.isDirectory() && depth > 0) await gather(folder, `${name}/`, depth - 1, most, found);
    if (!entry.isFile()) continue;
    const stats = await lstat(join(folder, name)).catch(() => null);
    if (stats?.isFile() === true) found.push({ name, bytes: stats.size, modifiedMs: stats.mtimeMs });
  }
}
