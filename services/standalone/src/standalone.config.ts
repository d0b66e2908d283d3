import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentWorkersConfig } from '@tutti/agent-workers';
import { coordinatorConfig } from '@tutti/coordinator';
import { gatewayConfig } from '@tutti/gateway';
import { TuttiError } from '@tutti/kernel';
import { registryConfig } from '@tutti/registry';
import { loadConfig, LOG_LEVELS, textList } from '@tutti/service-kit';
import { z } from 'zod';

/** Defaults of this process, under whatever else is set beside them. */
function withDefaults<Schema extends z.ZodType>(defaults: Readonly<Record<string, unknown>>, schema: Schema) {
  return z.preprocess(
    (value) => (value === undefined ? defaults : typeof value === 'object' && !Array.isArray(value) ? { ...defaults, ...value } : value),
    schema,
  );
}

export const standaloneConfig = z.strictObject({
  /** Everything that is kept, relative to the working folder. */
  dataDir: z.string().min(1).default('.tutti'),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  /** Folders of workflow definitions that are registered at the start, relative to the working folder. */
  workflowFolders: textList.default([]),
  /** Appends are refused while the volume has less. */
  minFreeBytes: z.coerce
    .number()
    .int()
    .min(0)
    .default(64 * 1024 * 1024),
  gateway: gatewayConfig.prefault({}),
  // Workers live in this process: none can come back from an earlier life of it, so nobody is waited for.
  coordinator: withDefaults({ workerGraceMs: 0 }, coordinatorConfig),
  registry: registryConfig,
  workers: withDefaults({ agentPackages: ['@tutti/architecture-design'] }, agentWorkersConfig),
});
export type StandaloneConfig = z.infer<typeof standaloneConfig>;

/** Variables with the prefix that are not settings of this process. */
const NOT_SETTINGS = new Set(['TUTTI_ENVIRONMENT', 'TUTTI_CONFIG_FILE', 'TUTTI_ADDRESS', 'TUTTI_API_KEY', 'TUTTI_PROFILE', 'TUTTI_DEBUG']);

interface Flags {
  readonly dataDir?: string;
  readonly port?: string;
}

/**
 * Settings from, in rising order: `tutti.yaml` (or the file TUTTI_CONFIG_FILE names, or `config/<TUTTI_ENVIRONMENT>.yaml`), TUTTI_* variables, flags.
 *
 * @throws TuttiError INVALID_CONFIG with every problem at once
 */
export async function readConfig(cwd: string, env: Readonly<Record<string, string | undefined>>, flags: Flags): Promise<StandaloneConfig> {
  const file = await readConfigFile(cwd, env);
  const settings = Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_SETTINGS.has(name)));
  if (flags.dataDir !== undefined) settings['TUTTI_DATA_DIR'] = flags.dataDir;
  if (flags.port !== undefined) settings['TUTTI_GATEWAY__PORT'] = flags.port;
  return loadConfig(standaloneConfig, { yaml: file.text, yamlName: file.name, env: settings });
}

async function readConfigFile(
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly name: string; readonly text: string | null }> {
  const environment = env['TUTTI_ENVIRONMENT'];
  const named = env['TUTTI_CONFIG_FILE'] ?? (environment === undefined ? undefined : join('config', `${environment}.yaml`));
  const name = named ?? 'tutti.yaml';
  try {
    return { name, text: await readFile(join(cwd, name), 'utf8') };
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return { name, text: null };
    throw new TuttiError(
      'INVALID_CONFIG',
      `configuration file ${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
