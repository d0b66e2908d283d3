import { resolve } from 'node:path';
import { dataFolder, type ConnectionOptions } from '@tutti/client/http';
import type { GlobalOptions } from '../global-options.js';
import type { Environment } from '../environment.port.js';
import { readConfigFile, requireSafe } from '../profile/config-file.js';
import { activeProfile, type Profile } from '../profile/profile.js';
import { readKeyFile } from '../profile/key-file.js';
import type { TlsSettings } from './transport.js';

/** Which system is meant and how it is reached. */
export interface ConnectionSettings extends ConnectionOptions {
  readonly dataDir: string;
  readonly tls: TlsSettings;
  /** Name of the profile in use; null when none is. */
  readonly profile: string | null;
  /** Where address and key come from, for `whoami` and `profile show`. */
  readonly addressFrom: Source;
  readonly keyFrom: Source;
}

export type Source = 'flag' | 'environment' | 'profile' | 'data folder';

/**
 * Flags before environment before profile before what runs in the data folder. Naming a data folder by flag or variable means its system, whatever
 * the profile's address is. A profile's key goes to the profile's own address only.
 *
 * @throws Failure PROFILE_NOT_FOUND, CONFIG_INVALID, CONFIG_UNSAFE, FILE_UNREADABLE
 */
export async function resolveConnection(options: GlobalOptions, environment: Environment): Promise<ConnectionSettings> {
  const { env, cwd } = environment;
  const file = await readConfigFile(environment);
  const active = activeProfile(file, options.profile ?? given(env['TUTTI_PROFILE']));
  const profile: Profile = active?.profile ?? {};
  const address = named(options.url, env['TUTTI_ADDRESS']);
  const folder = named(options.dataDir, env['TUTTI_DATA_DIR']);
  const profileUrl = folder === null ? profile.address : undefined;
  const url = address?.text ?? profileUrl;
  const key = named(options.token, env['TUTTI_API_KEY']) ?? (await keyOfFile(env['TUTTI_API_KEY_FILE'], environment));
  const mayUseKey = profile.api_key !== undefined && sameAddress(url, profile.address);
  if (key === null && mayUseKey) requireSafe(file);
  const token = key?.text ?? (mayUseKey ? profile.api_key : undefined);
  const dataDir = folder === null && profile.data_dir !== undefined ? resolve(cwd, profile.data_dir) : dataFolder(options, environment);
  return {
    dataDir,
    ...(url === undefined ? {} : { url }),
    ...(token === undefined ? {} : { token }),
    tls: tlsOf(profile, env),
    profile: active?.name ?? null,
    addressFrom: address?.from ?? (profileUrl === undefined ? 'data folder' : 'profile'),
    keyFrom: key?.from ?? (token === undefined ? 'data folder' : 'profile'),
  };
}

export function tlsOf(profile: Profile, env: Environment['env']): TlsSettings {
  return {
    ca: given(env['TUTTI_TLS_CA']) ?? profile.tls_ca,
    cert: given(env['TUTTI_TLS_CERT']) ?? profile.tls_cert,
    key: given(env['TUTTI_TLS_KEY']) ?? profile.tls_key,
    serverName: given(env['TUTTI_TLS_SERVER_NAME']) ?? profile.tls_server_name,
  };
}

interface Named {
  readonly text: string;
  readonly from: 'flag' | 'environment';
}

function named(flag: string | undefined, variable: string | undefined): Named | null {
  if (flag !== undefined) return { text: flag, from: 'flag' };
  const text = given(variable);
  return text === undefined ? null : { text, from: 'environment' };
}

async function keyOfFile(path: string | undefined, environment: Environment): Promise<Named | null> {
  const file = given(path);
  return file === undefined ? null : { text: await readKeyFile(file, environment), from: 'environment' };
}

/** Whether a key kept for the one address may go to the other. */
function sameAddress(url: string | undefined, ofProfile: string | undefined): boolean {
  return url === ofProfile || (url !== undefined && ofProfile !== undefined && origin(url) === origin(ofProfile));
}

function origin(address: string): string {
  return URL.parse(/^[a-z]+:\/\//i.test(address) ? address : `http://${address}`)?.origin ?? address;
}

export function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
