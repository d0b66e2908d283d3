import type { BlobHash } from '../blobs.port.js';
import { MemoryBlobs, type StoredBlob } from './in-memory-blobs.js';

/** Blobs that break one guarantee, and the contract case that must notice. */
export interface FaultyBlobs {
  readonly fault: string;
  readonly rejectedBy: string;
  readonly Adapter: typeof MemoryBlobs;
}

export const FAULTY_BLOBS: readonly FaultyBlobs[] = [
  {
    fault: 'cut long values short',
    rejectedBy: 'gives back the bytes that were put, by their SHA-256, with their size',
    Adapter: class extends MemoryBlobs {
      protected override copy(bytes: Uint8Array): Uint8Array {
        return super.copy(bytes.subarray(0, 262_144));
      }
      protected override verify(): void {}
    },
  },
  {
    fault: 'give every value the size of its hash',
    rejectedBy: 'gives back the bytes that were put, by their SHA-256, with their size',
    Adapter: class extends MemoryBlobs {
      override async size(tenant: string, hash: BlobHash): Promise<number | null> {
        return (await super.size(tenant, hash)) === null ? null : hash.length;
      }
    },
  },
  {
    fault: 'share their buffers with the caller',
    rejectedBy: 'keeps a value as it was put, whatever happens to the buffers that went in and came out',
    Adapter: class extends MemoryBlobs {
      protected override copy(bytes: Uint8Array): Uint8Array {
        return bytes;
      }
    },
  },
  {
    fault: 'give an empty value where there is none',
    rejectedBy: 'says that there is no value where none was put',
    Adapter: class extends MemoryBlobs {
      override async get(tenant: string, hash: BlobHash): Promise<Uint8Array> {
        return this.find(tenant, hash) === undefined ? new Uint8Array(0) : super.get(tenant, hash);
      }
    },
  },
  {
    fault: 'say of a value that is not there that it has no bytes',
    rejectedBy: 'says that there is no value where none was put',
    Adapter: class extends MemoryBlobs {
      override async size(tenant: string, hash: BlobHash): Promise<number> {
        return (await super.size(tenant, hash)) ?? 0;
      }
    },
  },
  {
    fault: 'look for whatever is given as a hash',
    rejectedBy: 'refuses what is no hash',
    Adapter: class extends MemoryBlobs {
      protected override checkHash(): void {}
    },
  },
  {
    fault: 'take whatever is given as a tenant',
    rejectedBy: 'refuses what is no tenant',
    Adapter: class extends MemoryBlobs {
      protected override checkTenant(): void {}
    },
  },
  {
    fault: 'share values between tenants',
    rejectedBy: 'keeps tenants apart',
    Adapter: class extends MemoryBlobs {
      protected override address(_tenant: string, hash: BlobHash): string {
        return hash;
      }
    },
  },
  {
    fault: 'give damaged bytes',
    rejectedBy: 'throws DATA_DAMAGED rather than giving other bytes than were asked for',
    Adapter: class extends MemoryBlobs {
      protected override verify(): void {}
    },
  },
  {
    fault: 'answer before the value is durable',
    rejectedBy: 'has what was put when the process is killed right after the answer',
    Adapter: class extends MemoryBlobs {
      readonly #unwritten = new Map<string, StoredBlob>();
      protected override keep(address: string, stored: StoredBlob): void {
        this.#unwritten.set(address, stored);
      }
      protected override find(tenant: string, hash: BlobHash): StoredBlob | undefined {
        return super.find(tenant, hash) ?? this.#unwritten.get(this.address(tenant, hash));
      }
    },
  },
  {
    fault: 'store the same bytes each time they are put',
    rejectedBy: 'stores the same bytes once, also when they are put at once',
    Adapter: class extends MemoryBlobs {
      protected override renew(stored: StoredBlob): void {
        super.renew(stored);
        this.records.set(`copy ${this.records.size}`, stored);
      }
      override async sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
        const before = this.records.size;
        await super.sweep(tenant, live, graceMs);
        return before;
      }
    },
  },
  {
    fault: 'sweep live values',
    rejectedBy: 'sweeps what is not live and was put before the grace, and says how many',
    Adapter: class extends MemoryBlobs {
      protected override isSwept(stored: StoredBlob, _live: ReadonlySet<BlobHash>, before: number): boolean {
        return stored.putMs < before;
      }
    },
  },
  {
    fault: 'sweep without grace',
    rejectedBy: 'sweeps what is not live and was put before the grace, and says how many',
    Adapter: class extends MemoryBlobs {
      protected override isSwept(stored: StoredBlob, live: ReadonlySet<BlobHash>): boolean {
        return !live.has(stored.hash);
      }
    },
  },
  {
    fault: 'sweep nothing',
    rejectedBy: 'sweeps what is not live and was put before the grace, and says how many',
    Adapter: class extends MemoryBlobs {
      protected override isSwept(): boolean {
        return false;
      }
    },
  },
  {
    fault: 'count the grace from the first put',
    rejectedBy: 'counts the grace from the last put, also in another process',
    Adapter: class extends MemoryBlobs {
      protected override renew(): void {}
    },
  },
  {
    fault: 'remember for ever that they have a value',
    rejectedBy: 'takes a value again that was swept',
    Adapter: class extends MemoryBlobs {
      readonly #put = new Set<string>();
      protected override keep(address: string, stored: StoredBlob): void {
        if (!this.#put.has(address)) super.keep(address, stored);
        this.#put.add(address);
      }
    },
  },
  {
    fault: 'look first at all that is old and remove it later',
    rejectedBy: 'keeps a value that is put while it is swept',
    Adapter: class extends MemoryBlobs {
      override async sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
        const before = this.clock.now() - graceMs;
        const old = [...this.records].filter(([, stored]) => this.isSwept(stored, live, before));
        for (let turn = 0; turn < 100; turn++) await Promise.resolve();
        for (const [address] of old) this.records.delete(address);
        return old.length;
      }
    },
  },
  {
    fault: 'fail to sweep where there is nothing',
    rejectedBy: 'sweeps nothing of a tenant that has nothing',
    Adapter: class extends MemoryBlobs {
      override async sweep(tenant: string, live: ReadonlySet<BlobHash>, graceMs: number): Promise<number> {
        if (this.records.size === 0) throw new Error('no such folder');
        return super.sweep(tenant, live, graceMs);
      }
    },
  },
];
