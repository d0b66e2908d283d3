export { connectStoreHost, type StoreHostClient } from './client/store-host-client.js';
export type { StoreHostStatus } from './client/host-connection.js';
export { serveStoreHost, type StoreHostOptions } from './host/store-host.js';
export type { StoreHostLimits } from './limits.js';
export { storeSocketPath } from './socket-path.js';
export type { StoreHostLogger, StorePorts } from './store-ports.js';
