import { resolve } from 'node:path';
import { isClientError, TuttiClientError } from '../client-error.js';
import { createHttpClient } from '../http/http-client.js';
import type { ClientSystem } from '../system/client-system.port.js';
import { fixedEndpoint, type Endpoint, type EndpointSource } from './endpoint.js';
import { readServerFile, readTokenFile } from './server-file.js';

export type Protocol = 'http' | 'grpc';

export interface ConnectionOptions {
  /** Address to call, taken as it is. Default: TUTTI_ADDRESS (for gRPC TUTTI_GRPC_ADDRESS), else the system that runs in the data folder. */
  readonly url?: string;
  /** Default: TUTTI_API_KEY, else the data folder's, for addresses of this machine only. */
  readonly token?: string;
  /** Data folder of a system on this machine. Default: TUTTI_DATA_DIR, else `./.tutti`. */
  readonly dataDir?: string;
}

type World = Pick<ClientSystem, 'env' | 'cwd' | 'user' | 'processes' | 'fetch' | 'runtime'>;
export type Located = { readonly kind: 'found'; readonly endpoint: Endpoint } | { readonly kind: 'absent'; readonly reason: string };

const ADDRESS_VARIABLE = { http: 'TUTTI_ADDRESS', grpc: 'TUTTI_GRPC_ADDRESS' } as const;
const SCHEMES = { http: ['http:', 'https:'], grpc: ['grpc:', 'grpcs:'] } as const;
const EXAMPLE = { http: 'http://127.0.0.1:4700', grpc: 'grpc://127.0.0.1:50051' } as const;

/** The data folder that the options or the environment name, absolute. */
export function dataFolder(options: ConnectionOptions, { env, cwd }: Pick<World, 'env' | 'cwd'>): string {
  return resolve(cwd, options.dataDir ?? given(env['TUTTI_DATA_DIR']) ?? '.tutti');
}

/**
 * The server to talk to: the named address, which is taken as it is, or the one that the data folder speaks of, if its process lives and it
 * answers.
 *
 * @throws TuttiClientError INVALID_ADDRESS
 */
export async function locateServer(options: ConnectionOptions, world: World, protocol: Protocol = 'http'): Promise<Located> {
  const dataDir = dataFolder(options, world);
  const named = options.url ?? given(world.env[ADDRESS_VARIABLE[protocol]]);
  if (named !== undefined) return { kind: 'found', endpoint: await endpointFor(parseAddress(named, protocol), options, world) };
  const information = await readServerFile(dataDir);
  if (information === null) return { kind: 'absent', reason: `nothing is running in ${dataDir}` };
  if (!world.processes.isAlive(information.pid))
    return { kind: 'absent', reason: `nothing is running in ${dataDir}: process ${information.pid}, which served it, is gone` };
  const endpoint = await endpointFor(parseAddress(information.url, 'http'), options, world);
  try {
    await createHttpClient(fixedEndpoint(endpoint), world).send({ path: '/version' });
  } catch (error) {
    if (!isClientError(error)) throw error;
    return { kind: 'absent', reason: `${information.url}, which ${dataDir} names, does not answer as Tutti: ${error.message}` };
  }
  if (protocol === 'http') return { kind: 'found', endpoint };
  if (information.grpcUrl === undefined)
    return { kind: 'absent', reason: `${information.url}, which ${dataDir} names, does not listen for gRPC` };
  return { kind: 'found', endpoint: await endpointFor(parseAddress(information.grpcUrl, 'grpc'), options, world) };
}

/** Looks for the server with the first call, and again when it was lost. */
export function locatedEndpoint(options: ConnectionOptions, world: World, protocol: Protocol): EndpointSource {
  let found: Promise<Endpoint> | null = null;
  let seen = false;
  const locate = async (): Promise<Endpoint> => {
    const located = await locateServer(options, world, protocol);
    // One that was there before is being started again, perhaps.
    if (located.kind === 'absent') throw new TuttiClientError('NOT_RUNNING', located.reason, { retryable: seen });
    seen = true;
    return located.endpoint;
  };
  return {
    current() {
      const looking = (found ??= locate());
      looking.catch(() => {
        if (found === looking) found = null;
      });
      return looking;
    },
    lost: () => (found = null),
  };
}

/** The endpoint at that address. The data folder's token goes to this machine only. */
export async function endpointFor(url: URL, options: ConnectionOptions, world: Pick<World, 'env' | 'cwd' | 'user'>): Promise<Endpoint> {
  const explicit = options.token ?? given(world.env['TUTTI_API_KEY']);
  const token = explicit ?? (isLoopback(url) ? await readTokenFile(dataFolder(options, world)) : null);
  return { url: url.href.replace(/\/+$/, ''), token, actor: token !== null && saysWho(token) ? null : actorOf(world.user) };
}

/** An API key, or a signed token: they stand for somebody, and act as nobody else. */
function saysWho(token: string): boolean {
  return token.startsWith('tutti_') || /^ey[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** `user:ann`; characters that an actor cannot have become `-`. */
function actorOf(user: string): string {
  const name = user.replace(/[^\w.@-]/g, '-').slice(0, 100);
  return `user:${name === '' ? 'local' : name}`;
}

/** @throws TuttiClientError INVALID_ADDRESS */
export function parseAddress(text: string, protocol: Protocol): URL {
  const withScheme = /^[a-z]+:\/\//i.test(text) ? text : `${protocol}://${text}`;
  const url = URL.parse(withScheme);
  const schemes: readonly string[] = SCHEMES[protocol];
  if (url === null || !schemes.includes(url.protocol) || url.hostname === '')
    throw new TuttiClientError('INVALID_ADDRESS', `"${text}" is no address; it looks like ${EXAMPLE[protocol]}`);
  if (url.username !== '' || url.password !== '')
    throw new TuttiClientError('INVALID_ADDRESS', 'an address takes no user or password; give the token by itself');
  return url;
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}
