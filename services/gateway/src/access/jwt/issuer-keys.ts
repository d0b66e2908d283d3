import { TuttiError, toTuttiError, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { createLocalJWKSet, errors, type CryptoKey, type FlattenedJWSInput, type JWSHeaderParameters } from 'jose';
import { z } from 'zod';
import type { JwtIssuerConfig } from './jwt.config.js';

const FETCH_LIMIT_MS = 5_000;
const MAX_DOCUMENT_CHARACTERS = 1_048_576;

/** What an address answers, as text. @throws for any answer but 200, or one that takes longer */
export type FetchText = (url: string, limitMs: number) => Promise<string>;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(1_000) });

type KeyOf = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

interface IssuerKeysParts {
  readonly config: Pick<JwtIssuerConfig, 'issuer' | 'jwksUri' | 'keysMaxAgeMs' | 'keysCooldownMs'>;
  readonly fetchText: FetchText;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly logger: Logger;
}

/**
 * The public keys of one issuer. They are asked for again when they are old or a token names one that is not there, never more often than the
 * cool-down says, failures included; as long as the issuer does not answer, the keys that are known count.
 */
export class IssuerKeys {
  private keyOf: KeyOf | null = null;
  private readAtMs = -Infinity;
  private triedAtMs = -Infinity;
  private loading: Promise<void> | null = null;

  constructor(private readonly parts: IssuerKeysParts) {}

  /** For jose: the key that a token names. @throws TuttiError UNAUTHENTICATED while no keys are known · what jose throws for a token that none fits */
  async find(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const { config, runtime } = this.parts;
    if (runtime.clock.monotonic() - this.readAtMs >= config.keysMaxAgeMs) await this.refresh();
    try {
      return await this.known()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      const before = this.keyOf;
      await this.refresh();
      if (this.keyOf === before) throw error;
      return this.known()(header, token);
    }
  }

  private known(): KeyOf {
    if (this.keyOf !== null) return this.keyOf;
    throw new TuttiError('UNAUTHENTICATED', `the keys of ${this.parts.config.issuer} could not be read yet; the log says why`);
  }

  /** Never rejects. Asks once for all who wait. */
  private refresh(): Promise<void> {
    const { config, runtime } = this.parts;
    if (this.loading !== null) return this.loading;
    const nowMs = runtime.clock.monotonic();
    if (nowMs - this.triedAtMs < config.keysCooldownMs) return Promise.resolve();
    this.triedAtMs = nowMs;
    this.loading = this.load().finally(() => (this.loading = null));
    return this.loading;
  }

  private async load(): Promise<void> {
    const { config, runtime, logger } = this.parts;
    try {
      const keys = keySet.parse(await this.read(config.jwksUri ?? (await this.discover())));
      // Fields that are not known here are jose's to read.
      this.keyOf = createLocalJWKSet(keys);
      this.readAtMs = runtime.clock.monotonic();
    } catch (error) {
      logger.warn('the keys of an issuer could not be read; those that are known count', {
        issuer: config.issuer,
        known: this.keyOf !== null,
        err: toTuttiError(error),
      });
    }
  }

  private async discover(): Promise<string> {
    const { issuer } = this.parts.config;
    const found = discovery.parse(await this.read(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`));
    if (found.issuer !== issuer) throw new TuttiError('INVALID_CONFIG', `the issuer says that it is ${found.issuer}, expected ${issuer}`);
    if (issuer.startsWith('https:') && !found.jwks_uri.startsWith('https:'))
      throw new TuttiError('INVALID_CONFIG', `the keys of ${issuer} are at ${found.jwks_uri}, expected an https address`);
    return found.jwks_uri;
  }

  private async read(url: string): Promise<unknown> {
    const text = await this.parts.fetchText(url, FETCH_LIMIT_MS);
    if (text.length > MAX_DOCUMENT_CHARACTERS) throw new TuttiError('PAYLOAD_TOO_LARGE', `${url} answers ${text.length} characters`);
    return JSON.parse(text) as unknown;
  }
}
