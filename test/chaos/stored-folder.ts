import { join } from 'node:path';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import type { JsonObject, Runtime } from '@tutti/kernel';
import { rebuildAndCompare, type Projection, type ReadModels } from '@tutti/read-models';
import { openEmbeddedReadModels } from '@tutti/read-models/embedded';
import { createSystemRuntime } from '@tutti/service-kit';
import { ALL_PROJECTIONS } from '../../services/standalone/src/all-projections.js';

interface StoredFolder {
  readonly store: Awaited<ReturnType<typeof openEmbeddedEventStore>>;
  readonly readModels: ReadModels;
  readonly runtime: Runtime;
}

/** Opens the files of a data folder that no process has any more, and closes them behind the look. */
export async function lookInto(dataDir: string, look: (folder: StoredFolder) => Promise<void>): Promise<void> {
  const runtime = createSystemRuntime();
  const store = await openEmbeddedEventStore({ file: join(dataDir, 'events.db'), runtime });
  const readModels = await openEmbeddedReadModels({ file: join(dataDir, 'read-models.db'), runtime });
  try {
    await look({ store, readModels, runtime });
  } finally {
    await readModels.close();
    await store.close();
  }
}

/** The documents of all read models that are not what a rebuild from zero makes of the events, like `runs: run-1`. */
export async function differencesFromRebuild(folder: StoredFolder): Promise<readonly string[]> {
  const differences: string[] = [];
  for (const projection of ALL_PROJECTIONS as unknown as readonly Projection<JsonObject>[]) {
    const keys = await rebuildAndCompare({ projection, ...folder });
    differences.push(...keys.map((key) => `${projection.name}: ${key}`));
  }
  return differences;
}
