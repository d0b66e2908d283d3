import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_FILES = 5_000;
/** A longer file goes by its time alone. */
const MAX_HASHED_BYTES = 1_048_576;

interface SeenFile {
  readonly changedAtMs: number;
  readonly bytes: number;
  /** Of the content. */
  readonly hash: string;
}

/** What folders hold at one moment: each file by its absolute path. */
export type Snapshot = ReadonlyMap<string, SeenFile>;

export interface FileChanges {
  /** New ones too. Sorted. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/**
 * Looks at every file of the folders and below, up to 5,000; those in `node_modules` and in folders and files that begin with a dot do not
 * count, nor do folders that are not there. Files that are as old and long as before are not read again.
 */
export async function takeSnapshot(folders: readonly string[], before: Snapshot = new Map()): Promise<Snapshot> {
  const seen = new Map<string, SeenFile>();
  const left = [...folders];
  for (let folder = left.shift(); folder !== undefined && seen.size < MAX_FILES; folder = left.shift()) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) left.push(path);
      else if (entry.isFile()) {
        // A file may be gone by now.
        const file = await lookAt(path, before.get(path)).catch(() => null);
        if (file !== null) seen.set(path, file);
      }
    }
  }
  return seen;
}

/** Files whose content differs. */
export function changesBetween(before: Snapshot, after: Snapshot): FileChanges {
  return {
    changed: [...after].flatMap(([path, { hash }]) => (before.get(path)?.hash === hash ? [] : [path])).sort(),
    removed: [...before.keys()].filter((path) => !after.has(path)).sort(),
  };
}

async function lookAt(path: string, before: SeenFile | undefined): Promise<SeenFile> {
  const { mtimeMs: changedAtMs, size: bytes } = await stat(path);
  if (before !== undefined && before.changedAtMs === changedAtMs && before.bytes === bytes) return before;
  const identity = bytes > MAX_HASHED_BYTES ? `${bytes} ${changedAtMs}` : await readFile(path);
  return { changedAtMs, bytes, hash: createHash('sha256').update(identity).digest('hex') };
}
