import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { INLINE_LIMIT_BYTES } from '@tutti/blobs';
import { FREQUENT_CATEGORIES, TOPIC_VIEWS } from '@tutti/contracts';
import { createProjectionHost } from '@tutti/read-models';
import {
  BLOBS,
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
  TRACER,
  VALUE_STORE,
  within,
} from '@tutti/service-kit';
import { openSharedFolder } from '@tutti/store-host/embedded';
import { HealthServer } from '../health-server.js';
import type { ProcessOptions, ProcessParts } from '../process-parts.js';
import { openTelemetry } from '../tracing/process-telemetry.js';
import { traceEventBus } from '../tracing/traced-event-bus.js';
import { traceEventStore } from '../tracing/traced-event-store.js';
import { FolderConnections } from './folder-connections.js';
import { FolderDirectory } from './folder-directory.js';

const CLOSE_LIMIT_MS = 12_000;

/** The ports by the store host of the data folder that all processes share. */
export async function openEmbeddedParts({ name, config, cwd, pid, mayHost }: ProcessOptions): Promise<ProcessParts> {
  const dataDir = resolve(cwd, config.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const logFile = join(dataDir, 'tutti.log');
  const telemetry = await openTelemetry({ service: name, pid, config, logFile, logFields: { pid, process: name } });
  const { runtime, logger, tracer } = telemetry;
  const serviceTokens = await openServiceTokens({ dataDir, service: name, runtime, logger });
  const tokens = processTokens(serviceTokens);
  const { minFreeBytes, processes } = config;
  const layout = { views: TOPIC_VIEWS, frequentCategories: FREQUENT_CATEGORIES };
  const folder = openSharedFolder({ dataDir, mayHost, minFreeBytes, runtime, logger, ...layout });
  const { eventStore, eventBus, readModels, blobs } = folder;
  const directory = new FolderDirectory({ dataDir, pid, runtime, logger });
  const connections = new FolderConnections(folder);
  const health = new HealthServer(connections);
  const remotes: RemoteProcess[] = [];
  const limits = { waitMs: processes.callWaitMs, maxWaiting: processes.maxWaitingCalls, callMs: processes.callLimitMs };
  let closing: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    for (const remote of remotes) remote.close();
    try {
      await within(runtime, CLOSE_LIMIT_MS, 'end of the connections', () => folder.close());
    } finally {
      await health.close();
      await telemetry.close();
    }
  };
  await health.listen(config.health);
  return {
    ...{ dataDir, runtime, logger, tracer, serviceTokens, tokens },
    ports: folder,
    ...{ connections, directory, health, broker: null },
    provided: [
      [RUNTIME, runtime],
      [LOGGER, logger],
      [TRACER, tracer],
      [EVENT_STORE, traceEventStore(eventStore, tracer, 'tutti')],
      [EVENT_BUS, traceEventBus(eventBus, { tracer, clock: runtime.clock, system: 'tutti' })],
      [READ_MODELS, readModels],
      [PROJECTIONS, createProjectionHost({ store: eventStore, readModels, runtime, logger })],
      [BLOBS, blobs],
      [VALUE_STORE, createValueStore({ blobs, inlineLimitBytes: INLINE_LIMIT_BYTES })],
    ],
    remote(role, who) {
      const endpoint = () => directory.find(role);
      const remote = new RemoteProcess({ name: who, endpoint, tokens, runtime, logger, limits, tracer });
      remotes.push(remote);
      return remote;
    },
    close: () => (closing ??= end()),
  };
}
