import { createManualRuntime } from '@tutti/kernel/testing';
import type { BlobsHarness } from './blobs-harness.js';
import { MemoryBlobs, type BlobRecords } from './in-memory-blobs.js';

/** A harness over blobs in memory, whole or faulty. */
export async function createInMemoryBlobsHarness(Adapter: typeof MemoryBlobs = MemoryBlobs): Promise<BlobsHarness> {
  const runtime = createManualRuntime();
  const records: BlobRecords = new Map();
  let blobs = new Adapter(runtime.clock, records);
  return {
    get blobs() {
      return blobs;
    },
    async damage(_tenant, hash) {
      for (const stored of records.values()) if (stored.hash === hash) stored.bytes[0] = (stored.bytes[0] ?? 0) ^ 1;
    },
    elapse: (ms) => runtime.advance(ms),
    async reopen() {
      blobs = new Adapter(runtime.clock, records);
    },
    async close() {
      records.clear();
    },
  };
}
