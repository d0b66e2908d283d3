import { join } from 'node:path';
import { openEmbeddedReadModels, type EmbeddedReadModels } from '@tutti/read-models/embedded';
import { describeReadModelsContract } from '@tutti/read-models/testing';
import { SocketWorld } from './socket-harness.js';

describeReadModelsContract('the embedded adapter, of another process,', async () => {
  const world = new SocketWorld();
  const opened: EmbeddedReadModels[] = [];
  const start = async () => {
    const readModels = await openEmbeddedReadModels({ file: join(world.folder, 'read-models.db'), runtime: world.runtime });
    opened.push(readModels);
    return world.start({ readModels });
  };
  let life = await start();
  return {
    readModels: life.remote.readModels,
    async reopen() {
      life.kill();
      const before = opened.at(-1);
      life = await start();
      await before?.close();
      return life.remote.readModels;
    },
    async close() {
      for (const connection of opened) await connection.close();
      world.close();
    },
  };
});
