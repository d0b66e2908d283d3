import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManualRuntime } from '@tutti/kernel/testing';
import { describeReadModelsContract } from '../testing/contract/read-models-contract.js';
import { openEmbeddedReadModels } from './embedded-read-models.js';

describeReadModelsContract('the embedded adapter', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-read-models-'));
  const runtime = createManualRuntime();
  const open = () => openEmbeddedReadModels({ file: join(folder, 'read-models.db'), runtime });
  const opened = [await open()];
  return {
    readModels: opened[0]!,
    async reopen() {
      const next = await open();
      await opened.at(-1)?.close();
      opened.push(next);
      return next;
    },
    async close() {
      for (const connection of opened) await connection.close();
      await rm(folder, { recursive: true });
    },
  };
});
