import { openEventStoreDb } from '@tutti/event-store/eventstoredb';
import { eventMatcher, type EventStore } from '@tutti/event-store';
import type { JsonObject, RecordedEvent } from '@tutti/kernel';
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
  const server = openEventStoreDb({ connectionString: eventstoredb.address, runtime });
  try {
    const store = await inMemory(server);
    const readModels = await openMongoReadModels({ mongo: connection, runtime });
    const differences: string[] = [];
    for (const projection of ALL_PROJECTIONS as unknown as readonly Projection<JsonObject>[]) {
      const keys = await rebuildAndCompare({ projection, store, readModels, runtime });
      differences.push(...keys.map((key) => `${projection.name}: ${key}`));
    }
    return differences;
  } finally {
    await server.close();
    await connection.close();
  }
}

/** The log as it is now: each projection reads all of it. */
async function inMemory(server: Pick<EventStore, 'readAll'>): Promise<Pick<EventStore, 'readAll'>> {
  const log: RecordedEvent[] = [];
  for await (const event of server.readAll()) log.push(event);
  return {
    async *readAll({ from = 0, filter } = {}) {
      const isWanted = eventMatcher(filter);
      for (const event of log) if (event.position >= from && isWanted(event)) yield event;
    },
  };
}
