import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sha256Hex } from '@tutti/kernel';

const HASH = /^[0-9a-f]{64}$/;
const REFERENCE = /"blob":"([0-9a-f]{64})"/g;

interface BlobFile {
  readonly hash: string;
  /** Below the folder of blobs, with `/`. */
  readonly path: string;
}

/** Files that are values, by tenant and hash; whatever else lies there is left out. */
export async function* blobFiles(folder: string): AsyncGenerator<BlobFile> {
  for (const tenant of await names(folder)) {
    if (tenant.startsWith('.')) continue;
    for (const prefix of await names(join(folder, tenant))) {
      for (const hash of await names(join(folder, tenant, prefix)))
        if (HASH.test(hash)) yield { hash, path: `${tenant}/${prefix}/${hash}` };
    }
  }
}

/** The bytes, or null when they are not what the name says. */
export async function readBlobFile(folder: string, { hash, path }: BlobFile): Promise<Buffer | null> {
  const bytes = await readFile(join(folder, path));
  return sha256Hex(bytes) === hash ? bytes : null;
}

export interface LostBlob {
  readonly hash: string;
  readonly message: string;
  /** Streams whose events name it. */
  readonly streams: readonly string[];
}

/** Values that events name and that are damaged or not there. Reads all blobs and all events' data. */
export async function lostBlobs(folder: string, eventsFile: string): Promise<readonly LostBlob[]> {
  const state = new Map<string, boolean>();
  for await (const file of blobFiles(folder)) state.set(file.hash, (await readBlobFile(folder, file)) !== null);
  const named = referencesIn(eventsFile);
  const damaged = [...state].filter(([, whole]) => !whole).map(([hash]) => hash);
  const missing = [...named.keys()].filter((hash) => !state.has(hash));
  const lost = (message: string) => (hash: string) => ({ hash, message, streams: [...(named.get(hash) ?? [])] });
  return [...damaged.map(lost('its bytes are not those that were stored')), ...missing.map(lost('it is not there'))];
}

/** Streams by the blobs that their events name. */
function referencesIn(eventsFile: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  if (!existsSync(eventsFile)) return found;
  const database = new DatabaseSync(eventsFile, { readOnly: true });
  try {
    const rows = database.prepare(
      `SELECT s.name, e.data FROM events e LEFT JOIN streams s ON s.id = e.stream_id WHERE instr(e.data, '"blob":"') > 0`,
    );
    for (const row of rows.iterate()) {
      for (const [, hash = ''] of String(row['data']).matchAll(REFERENCE)) {
        const streams = found.get(hash) ?? new Set();
        streams.add(String(row['name']));
        found.set(hash, streams);
      }
    }
  } finally {
    database.close();
  }
  return found;
}

async function names(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
