import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFolderBlobs } from '@tutti/blobs/embedded';
import { createInMemoryBlobsHarness, describeBlobsContract, type BlobsHarness } from '@tutti/blobs/testing';
import { SocketWorld } from './socket-harness.js';

describeBlobsContract('blobs in memory, of another process,', async (): Promise<BlobsHarness> => {
  const world = new SocketWorld();
  const inner = await createInMemoryBlobsHarness();
  let life = await world.start({ blobs: inner.blobs });
  return {
    get blobs() {
      return life.remote.blobs;
    },
    damage: (tenant, hash) => inner.damage(tenant, hash),
    elapse: (ms) => inner.elapse(ms),
    async reopen() {
      life.kill();
      await inner.reopen();
      life = await world.start({ blobs: inner.blobs });
    },
    async close() {
      await inner.close();
      world.close();
    },
  };
});

describeBlobsContract('blobs in a folder, of another process,', async (): Promise<BlobsHarness> => {
  const world = new SocketWorld();
  const folder = join(world.folder, 'blobs');
  const start = async () => world.start({ blobs: await openFolderBlobs({ folder, runtime: world.runtime }) });
  let life = await start();
  return {
    get blobs() {
      return life.remote.blobs;
    },
    async damage(tenant, hash) {
      const file = join(folder, tenant, hash.slice(0, 2), hash);
      const bytes = readFileSync(file);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      writeFileSync(file, bytes);
    },
    elapse: (ms) => world.runtime.advance(ms),
    async reopen() {
      life.kill();
      life = await start();
    },
    close: async () => world.close(),
  };
});
