import { chmod, link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isoTime, TuttiError, type Runtime } from '@tutti/kernel';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import { z } from 'zod';

export const KEY_ALGORITHM = 'EdDSA';

export interface ServiceKey {
  readonly kid: string;
  readonly sequence: number;
  readonly createdAtMs: number;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

const OWNER_ONLY = 0o600;
const FILE_PATTERN = /^(\d{6})\.json$/;

const keyFile = z.object({
  kid: z.string().min(1),
  createdAt: z.iso.datetime(),
  jwk: z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), d: z.string() }),
});

/**
 * The keys of a data folder, one file each, numbered, for their owner alone. A number is taken once, whoever comes first: of two processes that make the same key at
 * once, both use the one that stays.
 */
export class KeyFolder {
  private readonly folder: string;
  private readonly known = new Map<string, ServiceKey>();

  constructor(
    dataDir: string,
    private readonly runtime: Pick<Runtime, 'clock' | 'ids'>,
  ) {
    this.folder = join(dataDir, 'service-keys');
  }

  /** All keys, the newest last. @throws TuttiError INVALID_CONFIG for a file that holds no key */
  async read(): Promise<readonly ServiceKey[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const names = (await readdir(this.folder)).filter((name) => FILE_PATTERN.test(name)).sort();
    const keys = await Promise.all(names.map((name) => this.readKey(name)));
    return keys.filter((key) => key !== null);
  }

  /** Makes the key with this number unless it is there. */
  async make(sequence: number): Promise<void> {
    const { privateKey } = await generateKeyPair(KEY_ALGORITHM, { crv: 'Ed25519', extractable: true });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk);
    const draft = join(this.folder, `${this.runtime.ids.next()}.tmp`);
    const file = await open(draft, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(`${JSON.stringify({ kid, createdAt: isoTime(this.runtime.clock.now()), jwk })}\n`);
      // The name must not outlive a power failure that the content does not.
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, this.pathOf(sequence)).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await rm(draft, { force: true });
  }

  async remove({ sequence }: ServiceKey): Promise<void> {
    this.known.delete(fileName(sequence));
    await rm(this.pathOf(sequence), { force: true });
  }

  /** Files never change, so each is read once. Null when it was removed just now. */
  private async readKey(name: string): Promise<ServiceKey | null> {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const path = join(this.folder, name);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw unreadable(path, error);
    });
    if (text === null) return null;
    const key = await parseKey(text, Number(FILE_PATTERN.exec(name)?.[1])).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, OWNER_ONLY);
    this.known.set(name, key);
    return key;
  }

  private pathOf(sequence: number): string {
    return join(this.folder, fileName(sequence));
  }
}

function fileName(sequence: number): string {
  return `${String(sequence).padStart(6, '0')}.json`;
}

async function parseKey(text: string, sequence: number): Promise<ServiceKey> {
  const { kid, createdAt, jwk } = keyFile.parse(JSON.parse(text));
  const { d: _, ...publicJwk } = jwk;
  return { kid, sequence, createdAtMs: Date.parse(createdAt), privateKey: await keyOf(jwk), publicKey: await keyOf(publicJwk) };
}

export async function keyOf(jwk: JWK): Promise<CryptoKey> {
  const key = await importJWK(jwk, KEY_ALGORITHM);
  if (key instanceof Uint8Array) throw new TypeError('expected a key pair, found a shared secret');
  return key;
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function unreadable(path: string, error: unknown): TuttiError {
  const reason = error instanceof Error ? error.message : String(error);
  return new TuttiError('INVALID_CONFIG', `${path} does not hold a key of this data folder: ${reason}; delete it, and a new one is made`, {
    cause: error,
  });
}
