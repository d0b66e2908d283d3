import { openEventStoreDb } from '@tutti/event-store/eventstoredb';
import type { JsonObject } from '@tutti/kernel';
import { rebuildAndCompare, type Projection } from '@tutti/read-models';
import { connectMongo, openMongoReadModels } from '@tutti/read-models/mongodb';
import { createSystemRuntime } from '@tutti/service-kit';
import { ALL_PROJECTIONS } from '../../services/standalone/src/all-projections.js';

interface Addresses {
  readonly mongo: { readonly address: string };
  readonly eventstoredb: { readonly address: string };
}

/** The documents of all read models in MongoDB that are not what a rebuild from zero makes of the events in EventStoreDB, like `runs: run-1`. */
export async function differencesInMongo({ mongo, eventstoredb }: Addresses): Promise<readonly string[]> {
  const runtime = createSystemRuntime();
  const connection = await connectMongo({ url: mongo.address, runtime });
  const store = openEventStoreDb({ connectionString: eventstoredb.address, runtime });
  try {
    const readModels = await openMongoReadModels({ mongo: connection, runtime });
    const differences: string[] = [];
    for (const projection of ALL_PROJECTIONS as unknown as readonly Projection<JsonObject>[]) {
      const keys = await rebuildAndCompare({ projection, store, readModels, runtime });
      differences.push(...keys.map((key) => `${projection.name}: ${key}`));
    }
    return differences;
  } finally {
    await store.close();
    await connection.close();
  }
}
