export { openGridFsBlobs, type GridFsBlobsOptions, type GridFsConnection } from './gridfs-blobs.js';
