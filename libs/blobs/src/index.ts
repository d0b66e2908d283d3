export { INLINE_LIMIT_BYTES, type BlobHash, type Blobs } from './blobs.port.js';
