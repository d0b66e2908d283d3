import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { INLINE_LIMIT_BYTES } from '@tutti/blobs';
import { FREQUENT_CATEGORIES, TOPIC_VIEWS } from '@tutti/contracts';
import { TuttiError, type Runtime } from '@tutti/kernel';
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
  readServiceInfo,
  RemoteProcess,
  RUNTIME,
  VALUE_STORE,
  within,
  type CallerTokens,
  type Logger,
  type ServiceRole,
  type ServiceTokens,
} from '@tutti/service-kit';
import { openSharedFolder, type SharedFolder } from '@tutti/store-host/embedded';
import type { SharedConfig } from '../process-config.js';

export interface ProcessOptions {
  /** Of the service, like `coordinator`; stands in every line of the log. */
  readonly name: string;
  readonly config: SharedConfig;
  readonly cwd: string;
  readonly pid: number;
  /** Whether it may serve the data folder to the others. */
  readonly mayHost: boolean;
}

/** What a process has of the data folder and of the other processes of it. All of it comes and goes; nothing here ends because something is away. */
export interface ProcessParts {
  readonly dataDir: string;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly folder: SharedFolder;
  readonly serviceTokens: ServiceTokens;
  readonly tokens: CallerTokens;
  /** By injection token: the ports, and what else every service asks its composition root for. */
  readonly provided: readonly (readonly [symbol, unknown])[];
  /** The services of another process. Closed with the parts. */
  remote(role: ServiceRole, name: string): RemoteProcess;
  /** Whoever waits for others first: they end with SHUTTING_DOWN. Takes at most some seconds; repeats answer the first call. */
  close(): Promise<void>;
}

const CLOSE_LIMIT_MS = 12_000;

export async function openProcessParts({ name, config, cwd, pid, mayHost }: ProcessOptions): Promise<ProcessParts> {
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
  const remotes: RemoteProcess[] = [];
  const limits = { waitMs: processes.callWaitMs, maxWaiting: processes.maxWaitingCalls, callMs: processes.callLimitMs };
  let closing: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    for (const remote of remotes) remote.close();
    await within(runtime, CLOSE_LIMIT_MS, 'end of the connections', () => folder.close());
  };
  return {
    ...{ dataDir, runtime, logger, folder, serviceTokens, tokens },
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
      const endpoint = () => readServiceInfo(dataDir, role);
      const remote = new RemoteProcess({ name: who, endpoint, tokens, runtime, logger, limits });
      remotes.push(remote);
      return remote;
    },
    close: () => (closing ??= end()),
  };
}

/** @throws TuttiError SHUTTING_DOWN when the parts were closed before · STORE_LOCKED for a folder that a process holds for itself · DATA_DAMAGED */
export async function untilConnected({ folder, dataDir }: ProcessParts): Promise<void> {
  if (!(await folder.connected()))
    throw new TuttiError('SHUTTING_DOWN', `the process was stopped before data folder ${dataDir} was served`);
}
