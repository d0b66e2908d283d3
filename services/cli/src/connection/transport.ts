import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { rootCertificates } from 'node:tls';
import { openWebSocket, openWebSocketBy, type OpenSocket } from '@tutti/client/http';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

/** Paths of PEM files, and the name that the server's certificate is held against. */
export interface TlsSettings {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName: string | undefined;
}

/** How requests and feeds reach a server. */
export interface Transport {
  readonly fetch: typeof fetch;
  readonly openSocket: OpenSocket;
}

type Variables = Readonly<Record<string, string | undefined>>;

const THIS_MACHINE = ['localhost', '127.0.0.1', '::1'];
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy'];

/**
 * Node's own means, unless certificates of one's own or a proxy are named: HTTP_PROXY, HTTPS_PROXY and NO_PROXY mean what they mean to Node 24.
 *
 * @throws Failure FILE_UNREADABLE for a certificate
 */
export async function createTransport(tls: TlsSettings, env: Variables): Promise<Transport> {
  const proxied = PROXY_VARIABLES.some((name) => (env[name] ?? '') !== '');
  if (!proxied && Object.values(tls).every((value) => value === undefined)) return { fetch: globalThis.fetch, openSocket: openWebSocket };
  const connect = await certificates(tls);
  const proxies = proxiesOf(env);
  const { Agent, EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = proxied ? new EnvHttpProxyAgent({ connect, requestTls: connect, ...optionsOf(proxies) }) : new Agent({ connect });
  const proxyEnv = proxied ? { proxyEnv: proxies } : {};
  const agents = { http: new HttpAgent(proxyEnv), https: new HttpsAgent({ ...connect, ...proxyEnv }) };
  return {
    fetch: ((url: string, init: Parameters<typeof fetch>[1]) => fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch,
    openSocket: openWebSocketBy((url) => (url.startsWith('wss:') ? agents.https : agents.http)),
  };
}

/** Of both spellings the lower one counts, as everywhere. What runs on this machine is not behind the proxy. */
function proxiesOf(env: Variables): Variables {
  const either = (name: string): string | undefined => env[name.toLowerCase()] ?? env[name];
  const direct = [either('NO_PROXY') ?? '', ...THIS_MACHINE].filter((host) => host !== '').join(',');
  return { http_proxy: either('HTTP_PROXY'), https_proxy: either('HTTPS_PROXY'), no_proxy: direct };
}

function optionsOf({ http_proxy: http, https_proxy: https, no_proxy: noProxy = '' }: Variables) {
  return { ...(http === undefined ? {} : { httpProxy: http }), ...(https === undefined ? {} : { httpsProxy: https }), noProxy };
}

interface Certificates {
  readonly ca?: string[];
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

async function certificates({ ca, cert, key, serverName }: TlsSettings): Promise<Certificates> {
  return {
    // Besides those that Node knows: a named one takes none away.
    ...(ca === undefined ? {} : { ca: [...rootCertificates, await pem(ca, 'TUTTI_TLS_CA')] }),
    ...(cert === undefined ? {} : { cert: await pem(cert, 'TUTTI_TLS_CERT') }),
    ...(key === undefined ? {} : { key: await pem(key, 'TUTTI_TLS_KEY') }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

async function pem(path: string, variable: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('FILE_UNREADABLE', `cannot read the certificate or key that ${variable}, or the profile, names: ${reason}`, {
      exitCode: EXIT.invalid,
      cause: error,
    });
  }
}
