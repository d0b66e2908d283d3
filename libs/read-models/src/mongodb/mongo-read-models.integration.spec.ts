import { createManualRuntime } from '@tutti/kernel/testing';
import { describeReadModelsContract } from '../testing/contract/read-models-contract.js';
import { openMongoReadModels } from './mongo-read-models.js';
import { createMongoDatabase } from './mongo-server-harness.js';

describeReadModelsContract('the MongoDB adapter', async () => {
  const database = createMongoDatabase();
  const runtime = createManualRuntime();
  let connected = await database.connect();
  return {
    readModels: await openMongoReadModels({ mongo: connected, runtime }),
    async reopen() {
      // Ends what is under way, as the end of the process does; what has reached the server goes on there.
      await connected.close();
      connected = await database.connect();
      return openMongoReadModels({ mongo: connected, runtime });
    },
    close: () => database.drop(),
  };
});
