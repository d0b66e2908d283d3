import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

type Claims = Readonly<Record<string, unknown>>;

interface IssuerKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export interface TokenIssuer {
  readonly url: string;
  /** What its key address was asked for so far. */
  keyRequests: number;
  /** Whether it answers; when not, connections are cut. */
  isUp: boolean;
  /** The key it signs with from now on; earlier ones are published no more when asked so. */
  rotate(options?: { readonly keepOld?: boolean }): Promise<void>;
  /** A token of this issuer, for `tutti`, of an hour, as Ann with the role `operator`, but for what is given. */
  token(claims?: Claims, header?: { readonly alg?: string; readonly kid?: string | undefined }): Promise<string>;
  readonly key: () => IssuerKey;
  stop(): Promise<void>;
}

/** An issuer of JWTs that really answers by HTTP: discovery and keys. */
export async function startTokenIssuer(nowMs: () => number): Promise<TokenIssuer> {
  let keys = [await makeKey('key-1')];
  const issuer: TokenIssuer = {
    url: '',
    keyRequests: 0,
    isUp: true,
    key: () => keys[0] as IssuerKey,
    async rotate({ keepOld = false } = {}) {
      keys = [await makeKey(`key-${Number(keys[0]?.kid.split('-')[1]) + 1}`), ...(keepOld ? keys : [])];
    },
    token: (claims = {}, header = {}) => {
      const { kid, privateKey } = issuer.key();
      const payload = {
        sub: 'ann',
        iss: issuer.url,
        aud: 'tutti',
        roles: ['operator'],
        exp: Math.floor(nowMs() / 1_000) + 3_600,
        ...claims,
      };
      return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid, ...header } as { alg: string }).sign(privateKey);
    },
    stop: () => new Promise((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
  const server: Server = createServer((request, response) => {
    if (!issuer.isUp) return void request.socket.destroy();
    const answer = (value: unknown): void => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (request.url === '/.well-known/openid-configuration') return answer({ issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
    if (request.url !== '/keys') return void response.writeHead(404).end();
    issuer.keyRequests += 1;
    answer({ keys: keys.map(({ publicJwk }) => publicJwk) });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(issuer, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function makeKey(kid: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { kid, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}
