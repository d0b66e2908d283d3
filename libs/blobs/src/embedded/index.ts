export type { BlobDisk } from './blob-disk.js';
export { openFolderBlobs, type FolderBlobsOptions } from './folder-blobs.js';
