import { z } from 'zod';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';
import { meant } from '../line/typo.js';

const text = z.string().min(1);

/** One `[profile.<name>]`. What a newer version keeps there besides is left alone. */
export const profileSchema = z.looseObject({
  address: text.optional(),
  api_key: text.optional(),
  data_dir: text.optional(),
  tls_ca: text.optional(),
  tls_cert: text.optional(),
  tls_key: text.optional(),
  tls_server_name: text.optional(),
});
export type Profile = Readonly<z.infer<typeof profileSchema>>;

export const PROFILE_KEYS = ['address', 'api_key', 'data_dir', 'tls_ca', 'tls_cert', 'tls_key', 'tls_server_name'] as const;
export type ProfileKey = (typeof PROFILE_KEYS)[number];

/** The whole configuration file. */
export const configSchema = z.looseObject({
  /** The one that is used when none is named. */
  current_profile: text.optional(),
  profile: z.record(z.string(), profileSchema).default({}),
});
export type Config = Readonly<z.infer<typeof configSchema>>;

export const DEFAULT_PROFILE = 'default';

/** Names are keys of TOML that need no quotes. */
export const PROFILE_NAME = /^[\w-]{1,64}$/;

/** The profile of that name, else the current one, else `default` if there is one. @throws Failure PROFILE_NOT_FOUND when a named one is not there */
export function activeProfile(
  { config, path }: { readonly config: Config; readonly path: string },
  wanted: string | undefined,
): { readonly name: string; readonly profile: Profile } | null {
  const name = wanted ?? config.current_profile ?? DEFAULT_PROFILE;
  const profile = profileOf(config, name);
  if (profile !== undefined) return { name, profile };
  if (wanted === undefined && config.current_profile === undefined) return null;
  throw profileNotFound(config, name, path);
}

export function profileOf({ profile }: Config, name: string): Profile | undefined {
  return Object.hasOwn(profile, name) ? profile[name] : undefined;
}

export function profileNotFound({ profile }: Config, name: string, path: string): Failure {
  const [near] = meant(name, Object.keys(profile));
  return new Failure('PROFILE_NOT_FOUND', `${path} has no profile "${name}"`, {
    exitCode: EXIT.notFound,
    hint: near === undefined ? '`tutti profile list` lists them; `tutti login --profile <name>` makes one' : `did you mean ${near}?`,
  });
}
