import { resolve } from 'node:path';
import { agentWorkersConfig } from '@tutti/agent-workers';
import { coordinatorConfig } from '@tutti/coordinator';
import { gatewayConfig } from '@tutti/gateway';
import { registryConfig } from '@tutti/registry';
import { LOG_LEVELS, readConfig as readConfigOf, textList, tracingConfig } from '@tutti/service-kit';
import { logToSetting, processesConfig } from '@tutti/service-process';
import { z } from 'zod';

/** Defaults of this process, under whatever else is set beside them. */
function withDefaults<Schema extends z.ZodType>(defaults: Readonly<Record<string, unknown>>, schema: Schema) {
  return z.preprocess(
    (value) => (value === undefined ? defaults : typeof value === 'object' && !Array.isArray(value) ? { ...defaults, ...value } : value),
    schema,
  );
}

/** The environment gives it as text. */
const flag = z.union([z.boolean(), z.stringbool()]);

export const standaloneConfig = z.strictObject({
  /** Everything that is kept, relative to the working folder. */
  dataDir: z.string().min(1).default('.tutti'),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  logTo: logToSetting,
  /** Folders of workflow definitions that are registered at the start, relative to the working folder. */
  workflowFolders: textList.default([]),
  /** Appends are refused while the volume has less. */
  minFreeBytes: z.coerce
    .number()
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
  gateway: gatewayConfig.prefault({}),
  coordinator: coordinatorConfig.prefault({}),
  /** Workers in other processes: the data folder is shared with them by a socket, and they talk to the owner of runs by gRPC. */
  workerProcesses: z
    .strictObject({
      accept: flag.default(false),
      /** A loopback address: the connection is not encrypted. */
      host: z.string().min(1).max(255).default('127.0.0.1'),
      /** 0 for any free one. Workers find it in the data folder. */
      port: z.coerce.number().int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  /** Of services that run as processes of their own; nothing here goes by it. */
  processes: processesConfig,
  /** Whether this process works on tasks itself. */
  embeddedWorker: flag.default(true),
  registry: registryConfig,
  tracing: tracingConfig,
  workers: withDefaults({ agentPackages: ['@tutti/architecture-design', '@tutti/phased-delivery'] }, agentWorkersConfig),
});
export type StandaloneConfig = z.infer<typeof standaloneConfig>;

interface Flags {
  readonly dataDir?: string;
  readonly port?: string;
}

/** @throws TuttiError INVALID_CONFIG with every problem at once */
export function readConfig(cwd: string, env: Readonly<Record<string, string | undefined>>, flags: Flags): Promise<StandaloneConfig> {
  return readConfigOf(standaloneConfig, cwd, env, { TUTTI_DATA_DIR: flags.dataDir, TUTTI_GATEWAY__PORT: flags.port });
}

/** The folders of workflows and of agents, absolute. @throws TuttiError INVALID_CONFIG with every problem at once */
export async function configuredFolders(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly workflowFolders: readonly string[]; readonly agentFolders: readonly string[] }> {
  const { workflowFolders, workers } = await readConfig(cwd, env, {});
  const absolute = (folders: readonly string[]): readonly string[] => folders.map((folder) => resolve(cwd, folder));
  return { workflowFolders: absolute(workflowFolders), agentFolders: absolute(workers.agentFolders) };
}
