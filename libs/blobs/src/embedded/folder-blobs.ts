import { dirname, join, resolve } from 'node:path';
import { sha256Hex, TuttiError, type Runtime } from '@tutti/kernel';
import { checkHash, checkTenant, isBlobHash } from '../blob-addresses.js';
import type { BlobHash, Blobs } from '../blobs.port.js';
import { nodeDisk, type BlobDisk } from './blob-disk.js';
import { KeyedLock } from './keyed-lock.js';

/** Holds files that are being written. No tenant can have this name. */
const UNFINISHED = '.unfinished';

export interface FolderBlobsOptions {
  /** Made when it is not there. One process at a time: another one's sweep could not see a put of this one. */
  readonly folder: string;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  readonly disk?: BlobDisk;
}

/**
 * Blobs as files `<tenant>/<first two digits>/<hash>`, for the owner alone; the time of a file is that of its last put. Removes what a
 * killed process left unfinished.
 *
 * @throws TuttiError DISK_FULL from `put` when there is no space, nothing is kept then; STORE_UNAVAILABLE when the folder cannot be used
 */
export async function openFolderBlobs({ folder, runtime, disk = nodeDisk }: FolderBlobsOptions): Promise<Blobs> {
  const blobs = new FolderBlobs(resolve(folder), runtime, disk);
  await blobs.open();
  return blobs;
}

class FolderBlobs implements Blobs {
  readonly #folder: string;
  readonly #runtime: Pick<Runtime, 'clock' | 'ids'>;
  readonly #disk: BlobDisk;
  /** Of a blob's path: a put and the sweep never look at the same file at once. */
  readonly #lock = new KeyedLock();
  /** Folders whose names this process has made durable, or is making so. */
  readonly #durable = new Map<string, Promise<void>>();

  constructor(folder: string, runtime: Pick<Runtime, 'clock' | 'ids'>, disk: BlobDisk) {
    this.#folder = folder;
    this.#runtime = runtime;
    this.#disk = disk;
  }

  async open(): Promise<void> {
    const unfinished = join(this.#folder, UNFINISHED);
    await this.#using(async () => {
      await this.#disk.makeFolder(unfinished);
      for (const name of await this.#disk.list(unfinished)) await this.#disk.remove(join(unfinished, name));
    });
  }

  async put(tenant: string, bytes: Uint8Array): Promise<BlobHash> {
    checkTenant(tenant);
    // What is hashed is what is written, whatever the caller does with its buffer meanwhile.
    const kept = Uint8Array.from(bytes);
    const hash = sha256Hex(kept);
    const path = this.#path(tenant, hash);
    await this.#using(() => this.#lock.run(path, () => this.#putFile(path, kept)));
    return hash;
  }

  async get(tenant: string, hash: BlobHash): Promise<Uint8Array> {
    checkTenant(tenant);
    checkHash(hash);
    const bytes = await this.#using(() => this.#disk.read(this.#path(tenant, hash)));
    if (bytes === null) throw new TuttiError('BLOB_NOT_FOUND', `there is no blob ${hash} of tenant ${tenant}`);
    const found = sha256Hex(bytes);
    if (found === hash) return bytes;
    throw new TuttiError('DATA_DAMAGED', `blob ${hash} of tenant ${tenant} has ${bytes.length} bytes with hash ${found}`);
  }

  async size(tenant: string, hash: BlobHash): Promise<number | null> {
    checkTenant(tenant);
    checkHash(hash);
    const found = await this.#using(() => this.#disk.stat(this.#path(tenant, hash)));
    return found?.bytes ?? null;
  }

  async sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
    checkTenant(tenant);
    const before = this.#runtime.clock.now() - graceMs;
    const root = join(this.#folder, tenant);
    let removed = 0;
    await this.#using(async () => {
      for (const shelf of await this.#disk.list(root)) {
        for (const name of await this.#disk.list(join(root, shelf))) {
          if (!isBlobHash(name) || live.has(name)) continue;
          const path = join(root, shelf, name);
          if (await this.#lock.run(path, () => this.#removeIfOlder(path, before))) removed += 1;
        }
      }
    });
    return removed;
  }

  #path(tenant: string, hash: BlobHash): string {
    return join(this.#folder, tenant, hash.slice(0, 2), hash);
  }

  async #putFile(path: string, bytes: Uint8Array): Promise<void> {
    const shelf = dirname(path);
    const now = this.#runtime.clock.now();
    // The size is a cheap check that the file is whole; its bytes are checked whenever they are read.
    if ((await this.#disk.stat(path))?.bytes === bytes.length) await this.#disk.touch(path, now);
    else await this.#writeFile(path, shelf, bytes, now);
    // Also where the file was there: the process that wrote it may have died before it came to this.
    await this.#disk.syncFolder(shelf);
  }

  async #writeFile(path: string, shelf: string, bytes: Uint8Array, now: number): Promise<void> {
    const unfinished = join(this.#folder, UNFINISHED, this.#runtime.ids.next());
    try {
      await this.#makeShelf(shelf);
      await this.#disk.writeNew(unfinished, bytes, now);
      await this.#disk.rename(unfinished, path);
    } catch (error) {
      // What cannot be removed now is removed at the next start; the first error is the one that counts.
      await this.#disk.remove(unfinished).catch(() => {});
      this.#durable.delete(shelf);
      throw error;
    }
  }

  /** A folder that is there may be so only in memory, when another put has just made it or a killed process did: synced once by each process. */
  #makeShelf(shelf: string): Promise<void> {
    let made = this.#durable.get(shelf);
    if (made === undefined) {
      made = (async () => {
        await this.#disk.makeFolder(shelf);
        await this.#disk.syncFolder(dirname(shelf));
        await this.#disk.syncFolder(this.#folder);
      })();
      this.#durable.set(shelf, made);
    }
    return made;
  }

  async #removeIfOlder(path: string, before: number): Promise<boolean> {
    const found = await this.#disk.stat(path);
    if (found === null || found.modifiedMs >= before) return false;
    await this.#disk.remove(path);
    return true;
  }

  async #using<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const code = String((error as { readonly code?: unknown }).code);
      const reason = error instanceof Error ? error.message : String(error);
      if (code === 'ENOSPC' || code === 'EDQUOT') {
        throw new TuttiError('DISK_FULL', `no space left for blobs in ${this.#folder}: ${reason}; nothing was kept`, { cause: error });
      }
      throw new TuttiError('STORE_UNAVAILABLE', `blobs in ${this.#folder} could not be used: ${reason}`, { cause: error });
    }
  }
}
