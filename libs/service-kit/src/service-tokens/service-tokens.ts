import { TuttiError, type Runtime } from '@tutti/kernel';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { silentLogger, type Logger } from '../logger.js';
import { KEY_ALGORITHM, KeyFolder } from './key-folder.js';
import { KeyRing, LOOK_AGAIN_MS, type KeySource } from './key-ring.js';
import { RefusalLog } from './refusal-log.js';
import { SecretKey } from './secret-key.js';

export interface ServiceTokensOptions {
  /** Where the keys are. */
  readonly dataDir: string;
  /** Who issues here, like `coordinator`. */
  readonly service: string;
  readonly runtime: Pick<Runtime, 'clock' | 'ids'>;
  /** Gets a line for what is refused, at most one a second. */
  readonly logger?: Logger;
  /** Default 5 minutes. */
  readonly lifetimeMs?: number;
  /** Default a day. */
  readonly rotateAfterMs?: number;
}

export interface SharedServiceTokensOptions extends Omit<ServiceTokensOptions, 'dataDir' | 'rotateAfterMs'> {
  /** 32 characters or more, by chance: whoever knows it can issue tokens. */
  readonly secret: string;
}

export interface TokenRequest {
  /** Who shall accept it. Default: the processes of the data folder. */
  readonly audience?: string;
  /** What its bearer may do there. Default: nothing by name. */
  readonly permissions?: readonly string[];
  /** In whose name, like `agent:writer`. Default: the service that issues it. */
  readonly actor?: string;
}

/** Who carries a token that was verified. */
export interface ServiceIdentity {
  readonly actor: string;
  /** Which service issued it. */
  readonly service: string;
  readonly permissions: readonly string[];
  readonly tokenId: string;
  readonly expiresAtMs: number;
}

/** Short-lived signed tokens by which what runs on one data folder knows each other. Whoever can read the folder's keys can issue them. */
export interface ServiceTokens {
  /** A token with at least a fifth of its life before it; the same one as long as that is so. */
  issue(request?: TokenRequest): Promise<string>;
  /** @throws TuttiError UNAUTHENTICATED for a token that is forged, over, or for another audience */
  verify(token: string, audience: string): Promise<ServiceIdentity>;
}

export const PROCESSES_AUDIENCE = 'tutti:processes';
export const GATEWAY_AUDIENCE = 'tutti:gateway';

const ISSUER = 'tutti';
const TOKEN_TYPE = 'tutti-service+jwt';
const LIFETIME_MS = 300_000;
const ROTATE_AFTER_MS = 86_400_000;
/** Clocks of one machine are one clock, but it may be set. */
const TOLERANCE_S = 5;
const MOST_REMEMBERED = 1_000;
const LONGEST_TOKEN = 4_096;

const claims = z.object({
  sub: z.string().min(1).max(200),
  azp: z.string().min(1).max(200),
  jti: z.string().min(1).max(64),
  exp: z.number(),
  scope: z.string().max(2_000),
});

interface Issued {
  readonly token: string;
  readonly renewAtMs: number;
}

interface Verified {
  readonly kid: string;
  readonly identity: ServiceIdentity;
}

/**
 * Makes the first key of the data folder unless another process did.
 *
 * @throws TuttiError INVALID_CONFIG for a key that cannot be read
 */
export function openServiceTokens({ dataDir, ...options }: ServiceTokensOptions): Promise<ServiceTokens> {
  return tokensBy(new KeyFolder(dataDir, options.runtime), options);
}

/** Where processes share a secret instead of a folder: all that have it take each other's tokens. Nothing is rotated; another secret is another installation. */
export function openSharedServiceTokens({ secret, ...options }: SharedServiceTokensOptions): Promise<ServiceTokens> {
  return tokensBy(new SecretKey(secret), { ...options, rotateAfterMs: Infinity });
}

async function tokensBy(folder: KeySource, options: Omit<ServiceTokensOptions, 'dataDir'>): Promise<ServiceTokens> {
  const { service, runtime, logger = silentLogger } = options;
  const { clock, ids } = runtime;
  const { lifetimeMs = LIFETIME_MS, rotateAfterMs = ROTATE_AFTER_MS } = options;
  const retireAfterMs = lifetimeMs + LOOK_AGAIN_MS + 2 * TOLERANCE_S * 1_000;
  const ring = new KeyRing({ folder, clock, rotateAfterMs, retireAfterMs });
  const issued = new Map<string, Issued>();
  const verified = new Map<string, Verified>();
  const refusals = new RefusalLog(logger, clock);
  await ring.signing();

  async function issue({
    audience = PROCESSES_AUDIENCE,
    permissions = [],
    actor = `service:${service}`,
  }: TokenRequest = {}): Promise<string> {
    const scope = permissions.join(' ');
    const name = JSON.stringify([audience, actor, scope]);
    const nowMs = clock.now();
    const before = issued.get(name);
    if (before !== undefined && nowMs < before.renewAtMs) return before.token;
    const key = await ring.signing();
    const token = await new SignJWT({ azp: service, scope })
      .setProtectedHeader({ alg: KEY_ALGORITHM, kid: key.kid, typ: TOKEN_TYPE })
      .setIssuer(ISSUER)
      .setSubject(actor)
      .setAudience(audience)
      .setJti(ids.next())
      .setIssuedAt(Math.floor(nowMs / 1_000))
      .setExpirationTime(Math.floor((nowMs + lifetimeMs) / 1_000))
      .sign(key.privateKey);
    remember(issued, name, { token, renewAtMs: nowMs + lifetimeMs * 0.8 });
    return token;
  }

  async function verify(token: string, audience: string): Promise<ServiceIdentity> {
    try {
      const name = `${audience} ${token}`;
      // The signature of one token is checked once; that its time and its key are not over, each time.
      const before = verified.get(name);
      if (before !== undefined && before.identity.expiresAtMs > clock.now() && (await ring.verifying(before.kid)) !== null)
        return before.identity;
      verified.delete(name);
      const found = await check(token, audience);
      remember(verified, name, found);
      return found.identity;
    } catch (error) {
      const refusal = refusalOf(error);
      refusals.note(refusal.message);
      throw refusal;
    }
  }

  async function check(token: string, audience: string): Promise<Verified> {
    if (token.length > LONGEST_TOKEN) throw new TuttiError('UNAUTHENTICATED', 'the token is longer than any that was issued');
    const { kid } = decodeProtectedHeader(token);
    const key = kid === undefined ? null : await ring.verifying(kid);
    if (key === null) throw new TuttiError('UNAUTHENTICATED', 'the token is signed by no key of this data folder, or by one that is over');
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: [KEY_ALGORITHM],
      ...{ audience, issuer: ISSUER, typ: TOKEN_TYPE },
      currentDate: new Date(clock.now()),
      clockTolerance: TOLERANCE_S,
      // Whatever it says itself, none lives longer.
      maxTokenAge: Math.ceil(lifetimeMs / 1_000),
      requiredClaims: ['iat', 'exp', 'jti', 'sub'],
    });
    const { sub, azp, jti, exp, scope } = claims.parse(payload);
    const permissions = scope.split(' ').filter((permission) => permission !== '');
    return { kid: key.kid, identity: { actor: sub, service: azp, permissions, tokenId: jti, expiresAtMs: exp * 1_000 } };
  }

  return { issue, verify };
}

interface ProcessTokens {
  issue(): Promise<string>;
  verify(token: string): Promise<ServiceIdentity>;
}

/** Whether a token says that it is one of these, before anything of it is checked. */
export function isServiceToken(token: string): boolean {
  if (token.length > LONGEST_TOKEN) return false;
  try {
    return decodeProtectedHeader(token).typ === TOKEN_TYPE;
  } catch {
    return false;
  }
}

/** As processes of one data folder call each other. */
export function processTokens(tokens: ServiceTokens): ProcessTokens {
  return { issue: () => tokens.issue(), verify: (token) => tokens.verify(token, PROCESSES_AUDIENCE) };
}

/** The oldest is forgotten for one too many. */
function remember<Value>(map: Map<string, Value>, name: string, value: Value): void {
  map.delete(name);
  map.set(name, value);
  const [oldest] = map.keys();
  if (map.size > MOST_REMEMBERED && oldest !== undefined) map.delete(oldest);
}

function refusalOf(error: unknown): TuttiError {
  if (error instanceof TuttiError) return error;
  if (error instanceof errors.JWTExpired) return new TuttiError('UNAUTHENTICATED', 'the token is over');
  if (error instanceof errors.JWTClaimValidationFailed)
    return new TuttiError(
      'UNAUTHENTICATED',
      `the token is not one that is taken here: its claim ${error.claim} is missing or another than expected`,
    );
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return new TuttiError('UNAUTHENTICATED', 'the token is forged: its signature does not match');
  return new TuttiError('UNAUTHENTICATED', 'the token is no signed token of this data folder', { cause: error });
}
