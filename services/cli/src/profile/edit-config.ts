import type { Environment } from '../environment.port.js';
import { usageFailure } from '../failure/failure.js';
import { given } from '../connection/settings.js';
import { readConfigFile, requireSafe, writeConfigFile, type ConfigFile } from './config-file.js';
import { DEFAULT_PROFILE, PROFILE_NAME, profileOf, type Config, type Profile } from './profile.js';

export interface OpenConfig {
  readonly file: ConfigFile;
  /** The profile that the line means, which need not be there yet. */
  readonly name: string;
  readonly profile: Profile;
}

/** The configuration and the profile to change: the named one, else the current one, else `default`. @throws Failure USAGE for a name that is none */
export async function openConfig(environment: Environment, wanted: string | undefined): Promise<OpenConfig> {
  const file = await readConfigFile(environment);
  const name = wanted ?? given(environment.env['TUTTI_PROFILE']) ?? file.config.current_profile ?? DEFAULT_PROFILE;
  if (!PROFILE_NAME.test(name))
    throw usageFailure(`"${name}" is no name of a profile`, 'take 1 to 64 letters, digits, hyphens and underscores');
  return { file, name, profile: profileOf(file.config, name) ?? {} };
}

/** Puts the profile in place of the one of that name. A file that others may read is not written on: its keys may be known. */
export async function saveProfile(
  environment: Environment,
  { config, ...file }: ConfigFile,
  name: string,
  profile: Profile,
  more: Partial<Config> = {},
): Promise<void> {
  if (Object.values(config.profile).some((one) => one.api_key !== undefined)) requireSafe({ config, ...file });
  await saveConfig(environment, file.path, { ...config, ...more, profile: { ...config.profile, [name]: profile } });
}

export async function saveConfig(environment: Environment, path: string, config: Config): Promise<void> {
  await writeConfigFile(path, config, environment.runtime.ids);
}
