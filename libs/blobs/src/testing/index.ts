export { blobsContract, describeBlobsContract } from './blobs-contract.js';
export type { BlobsContractCase, BlobsHarness } from './blobs-harness.js';
export { FAULTY_BLOBS, type FaultyBlobs } from './faulty-blobs.js';
export { createInMemoryBlobs, type BlobRecords } from './in-memory-blobs.js';
export { createInMemoryBlobsHarness } from './in-memory-harness.js';
