import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { INLINE_LIMIT_BYTES } from '@tutti/blobs';
import { FREQUENT_CATEGORIES, TOPIC_VIEWS } from '@tutti/contracts';
import { createProjectionHost } from '@tutti/read-models';
import {
  BLOBS,
  createLogger,
  createSystemRuntime,
  createValueStore,
  EVENT_BUS,
  EVENT_STORE,
  LOGGER,
  openServiceTokens,
  processTokens,
  PROJECTIONS,
  READ_MODELS,
  RemoteProcess,
  RUNTIME,
  VALUE_STORE,
  within,
} from '@tutti/service-kit';
import { openSharedFolder } from '@tutti/store-host/embedded';
import type { ProcessOptions, ProcessParts } from '../process-parts.js';
import { FolderConnections } from './folder-connections.js';
import { FolderDirectory } from './folder-directory.js';

const CLOSE_LIMIT_MS = 12_000;

/** The ports by the store host of the data folder that all processes share. */
export async function openEmbeddedParts({ name, config, cwd, pid, mayHost }: ProcessOptions): Promise<ProcessParts> {
  const runtime = createSystemRuntime();
  const dataDir = resolve(cwd, config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const logger = createLogger({ level: config.logLevel, file: join(dataDir, 'tutti.log'), fields: { pid, process: name } });
  const serviceTokens = await openServiceTokens({ dataDir, service: name, runtime, logger });
  const tokens = processTokens(serviceTokens);
  const { minFreeBytes, processes } = config;
  const layout = { views: TOPIC_VIEWS, frequentCategories: FREQUENT_CATEGORIES };
  const folder = openSharedFolder({ dataDir, mayHost, minFreeBytes, runtime, logger, ...layout });
  const { eventStore: store, eventBus, readModels, blobs } = folder;
  const directory = new FolderDirectory({ dataDir, pid, runtime, logger });
  const remotes: RemoteProcess[] = [];
  const limits = { waitMs: processes.callWaitMs, maxWaiting: processes.maxWaitingCalls, callMs: processes.callLimitMs };
  let closing: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    for (const remote of remotes) remote.close();
    await within(runtime, CLOSE_LIMIT_MS, 'end of the connections', () => folder.close());
  };
  return {
    ...{ dataDir, runtime, logger, serviceTokens, tokens },
    ports: folder,
    connections: new FolderConnections(folder),
    directory,
    provided: [
      [RUNTIME, runtime],
      [LOGGER, logger],
      [EVENT_STORE, store],
      [EVENT_BUS, eventBus],
      [READ_MODELS, readModels],
      [PROJECTIONS, createProjectionHost({ store, readModels, runtime, logger })],
      [BLOBS, blobs],
      [VALUE_STORE, createValueStore({ blobs, inlineLimitBytes: INLINE_LIMIT_BYTES })],
    ],
    remote(role, who) {
      const endpoint = () => directory.find(role);
      const remote = new RemoteProcess({ name: who, endpoint, tokens, runtime, logger, limits });
      remotes.push(remote);
      return remote;
    },
    close: () => (closing ??= end()),
  };
}
