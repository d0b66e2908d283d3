import { createPrivateKey, hkdfSync } from 'node:crypto';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { keyOf, type ServiceKey } from './key-folder.js';
import type { KeySource } from './key-ring.js';

/** What an Ed25519 private key of 32 bytes begins with in PKCS #8 (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PURPOSE = 'tutti service tokens v1';

/** The one key that follows from a secret: the same in every process that has it. */
export class SecretKey implements KeySource {
  private key: Promise<ServiceKey> | null = null;

  constructor(private readonly secret: string) {}

  async read(): Promise<readonly ServiceKey[]> {
    return [await (this.key ??= keyFrom(this.secret))];
  }

  /** It is there. */
  async make(): Promise<void> {}

  /** There is no other. */
  async remove(): Promise<void> {}
}

async function keyFrom(secret: string): Promise<ServiceKey> {
  const seed = Buffer.from(hkdfSync('sha256', secret, '', PURPOSE, 32));
  const jwk = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }) as JWK;
  const { d: _, ...publicJwk } = jwk;
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, sequence: 1, createdAtMs: 0, privateKey: await keyOf(jwk), publicKey: await keyOf(publicJwk) };
}
