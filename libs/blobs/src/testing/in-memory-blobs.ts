import { sha256Hex, TuttiError, type Clock } from '@tutti/kernel';
import { checkHash, checkTenant } from '../blob-addresses.js';
import type { BlobHash, Blobs } from '../blobs.port.js';

export interface StoredBlob {
  readonly hash: BlobHash;
  readonly bytes: Uint8Array;
  putMs: number;
}

/** What outlives blobs in memory, by {@link MemoryBlobs.address}: hand it to the next ones to stand for a restart. */
export type BlobRecords = Map<string, StoredBlob>;

/** Keep every guarantee of the port except surviving the process. */
export function createInMemoryBlobs(clock: Pick<Clock, 'now'>, records: BlobRecords = new Map()): Blobs {
  return new MemoryBlobs(clock, records);
}

/** In small steps, so that faulty blobs can do one of them wrong. */
export class MemoryBlobs implements Blobs {
  constructor(
    protected readonly clock: Pick<Clock, 'now'>,
    protected readonly records: BlobRecords,
  ) {}

  async put(tenant: string, bytes: Uint8Array): Promise<BlobHash> {
    this.checkTenant(tenant);
    const hash = sha256Hex(bytes);
    const address = this.address(tenant, hash);
    const known = this.records.get(address);
    if (known === undefined) this.keep(address, { hash, bytes: this.copy(bytes), putMs: this.clock.now() });
    else this.renew(known);
    return hash;
  }

  async get(tenant: string, hash: BlobHash): Promise<Uint8Array> {
    const found = this.find(tenant, hash);
    if (found === undefined) throw new TuttiError('BLOB_NOT_FOUND', `there is no blob ${hash} of tenant ${tenant}`);
    this.verify(found.bytes, hash);
    return this.copy(found.bytes);
  }

  async size(tenant: string, hash: BlobHash): Promise<number | null> {
    return this.find(tenant, hash)?.bytes.length ?? null;
  }

  async sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
    this.checkTenant(tenant);
    const before = this.clock.now() - graceMs;
    let removed = 0;
    for (const [address, stored] of this.records) {
      if (address !== this.address(tenant, stored.hash) || !this.isSwept(stored, live, before)) continue;
      this.records.delete(address);
      removed += 1;
    }
    return removed;
  }

  protected find(tenant: string, hash: BlobHash): StoredBlob | undefined {
    this.checkTenant(tenant);
    this.checkHash(hash);
    return this.records.get(this.address(tenant, hash));
  }

  protected checkTenant(tenant: string): void {
    checkTenant(tenant);
  }

  protected checkHash(hash: BlobHash): void {
    checkHash(hash);
  }

  protected address(tenant: string, hash: BlobHash): string {
    return `${tenant}/${hash}`;
  }

  protected copy(bytes: Uint8Array): Uint8Array {
    return Uint8Array.from(bytes);
  }

  protected keep(address: string, stored: StoredBlob): void {
    this.records.set(address, stored);
  }

  protected renew(stored: StoredBlob): void {
    stored.putMs = this.clock.now();
  }

  protected verify(bytes: Uint8Array, hash: BlobHash): void {
    if (sha256Hex(bytes) !== hash) throw new TuttiError('DATA_DAMAGED', `blob ${hash} has bytes with another hash`);
  }

  protected isSwept(stored: StoredBlob, live: ReadonlySet<BlobHash>, before: number): boolean {
    return !live.has(stored.hash) && stored.putMs < before;
  }
}
