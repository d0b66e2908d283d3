import { resolve } from 'node:path';
import type { Environment } from '../environment.port.js';
import { EXIT } from '../failure/exit-codes.js';
import { Failure, isFailure, usageFailure } from '../failure/failure.js';
import { createApi } from '../api/api.js';
import { createHttpClient, type Endpoint } from '../api/http-client.js';
import { readServerFile, readTokenFile } from './server-file.js';

export interface ConnectionOptions {
  readonly url?: string;
  readonly token?: string;
  readonly dataDir?: string;
}

type Located = { readonly kind: 'found'; readonly endpoint: Endpoint } | { readonly kind: 'absent'; readonly reason: string };

/** The data folder that the options or the environment name, absolute. */
export function dataFolder(options: ConnectionOptions, { env, cwd }: Pick<Environment, 'env' | 'cwd'>): string {
  return resolve(cwd, options.dataDir ?? given(env['TUTTI_DATA_DIR']) ?? '.tutti');
}

/**
 * The server to talk to: the named address, which is taken as it is, or the one that the data folder speaks of, if its process lives and it
 * answers.
 */
export async function locateServer(options: ConnectionOptions, environment: Environment): Promise<Located> {
  const dataDir = dataFolder(options, environment);
  const named = options.url ?? given(environment.env['TUTTI_ADDRESS']);
  if (named !== undefined) return { kind: 'found', endpoint: await endpointFor(parseAddress(named), options, environment) };
  const information = await readServerFile(dataDir);
  if (information === null) return { kind: 'absent', reason: `nothing is running in ${dataDir}` };
  if (!environment.processes.isAlive(information.pid))
    return { kind: 'absent', reason: `nothing is running in ${dataDir}: process ${information.pid}, which served it, is gone` };
  const endpoint = await endpointFor(parseAddress(information.url), options, environment);
  try {
    await createApi(createHttpClient(endpoint, environment)).version();
  } catch (error) {
    if (!isFailure(error)) throw error;
    return { kind: 'absent', reason: `${information.url}, which ${dataDir} names, does not answer as Tutti: ${error.message}` };
  }
  return { kind: 'found', endpoint };
}

/** @throws Failure NOT_RUNNING */
export async function requireServer(options: ConnectionOptions, environment: Environment): Promise<Endpoint> {
  const located = await locateServer(options, environment);
  if (located.kind === 'found') return located.endpoint;
  throw new Failure('NOT_RUNNING', located.reason, { exitCode: EXIT.notRunning });
}

/** The endpoint at that address. The data folder's token goes to this machine only. */
export async function endpointFor(url: URL, options: ConnectionOptions, environment: Environment): Promise<Endpoint> {
  const explicit = options.token ?? given(environment.env['TUTTI_API_KEY']);
  const token = explicit ?? (isLoopback(url) ? await readTokenFile(dataFolder(options, environment)) : null);
  return { url: url.href.replace(/\/+$/, ''), token, actor: actorOf(environment.user) };
}

/** `user:ann`; characters that an actor cannot have become `-`. */
function actorOf(user: string): string {
  const name = user.replace(/[^\w.@-]/g, '-').slice(0, 100);
  return `user:${name === '' ? 'local' : name}`;
}

function parseAddress(text: string): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `http://${text}`;
  const url = URL.parse(withScheme);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw usageFailure(`"${text}" is no address`, 'it looks like http://127.0.0.1:4700');
  if (url.username !== '' || url.password !== '')
    throw usageFailure('an address takes no user or password', 'give the token with --token or TUTTI_API_KEY');
  return url;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
