import { describeReadModelsContract } from './contract/read-models-contract.js';
import { createInMemoryStorage, SOUND_RULES } from '../in-memory/in-memory-storage.js';

describeReadModelsContract('the adapter in memory', async () => {
  const storage = createInMemoryStorage(SOUND_RULES);
  return { readModels: storage.connect(), reopen: async () => storage.connect(), close: async () => undefined };
});
