import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TuttiError } from '@tutti/kernel';
import type { z } from 'zod';
import { loadConfig } from './load-config.js';
import { withOtelSettings } from './tracing/tracing.config.js';

/** Variables with the prefix that are not settings of a process: where settings stand, and what clients go by. */
const NOT_SETTINGS = new Set([
  ...[
    'TUTTI_ENVIRONMENT',
    'TUTTI_CONFIG_FILE',
    'TUTTI_DEBUG',
    'TUTTI_ADDRESS',
    'TUTTI_GRPC_ADDRESS',
    'TUTTI_API_KEY',
    'TUTTI_API_KEY_FILE',
  ],
  ...['TUTTI_PROFILE', 'TUTTI_CLI_CONFIG_FILE', 'TUTTI_TLS_CA', 'TUTTI_TLS_CERT', 'TUTTI_TLS_KEY', 'TUTTI_TLS_SERVER_NAME'],
]);

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings from, in rising order: `tutti.yaml` in the working folder (or the file TUTTI_CONFIG_FILE names, or `config/<TUTTI_ENVIRONMENT>.yaml`),
 * OpenTelemetry's own variables, TUTTI_* variables, flags.
 *
 * @param flags by the variable that each stands for; undefined for one that is not given
 * @throws TuttiError INVALID_CONFIG with every problem at once
 */
export async function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  cwd: string,
  env: Environment,
  flags: Environment = {},
): Promise<z.infer<Schema>> {
  const file = await readConfigFile(cwd, env);
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !NOT_SETTINGS.has(name)));
  const settings: Record<string, string | undefined> = { ...withOtelSettings(env, own) };
  for (const [name, value] of Object.entries(flags)) if (value !== undefined) settings[name] = value;
  return loadConfig(schema, { yaml: file.text, yamlName: file.name, env: settings });
}

async function readConfigFile(cwd: string, env: Environment): Promise<{ readonly name: string; readonly text: string | null }> {
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
