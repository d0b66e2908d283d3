import { TuttiError, type Runtime } from '@tutti/kernel';
import { PERMISSIONS_OF_ROLE, ROLES, type Permission } from '@tutti/rest-contract';
import type { Logger } from '@tutti/service-kit';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import type { BearerScheme } from '../authenticator.js';
import type { Principal } from '../principal.js';
import { IssuerKeys, type FetchText } from './issuer-keys.js';
import type { JwtIssuerConfig } from './jwt.config.js';

const LONGEST_TOKEN = 16_384;
const LOOKS = /^eyJ[\w-]*\.[\w-]*\.[\w-]*$/;
const NAME = /^[\w.@-]{1,100}$/;
/** Whoever can check one of these cannot make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const ANYBODY = '*';

interface Issuer {
  readonly config: JwtIssuerConfig;
  readonly keys: IssuerKeys;
}

interface JwtSchemeParts {
  readonly issuers: readonly JwtIssuerConfig[];
  readonly fetchText: FetchText;
  readonly runtime: Pick<Runtime, 'clock'>;
  readonly logger: Logger;
}

/** JWTs of the configured issuers, checked with their public keys. */
export class JwtScheme implements BearerScheme {
  readonly canBeGuessed = false;
  private readonly issuers: ReadonlyMap<string, Issuer>;

  constructor(private readonly parts: JwtSchemeParts) {
    const { fetchText, runtime, logger } = parts;
    this.issuers = new Map(
      parts.issuers.map((config) => [config.issuer, { config, keys: new IssuerKeys({ config, fetchText, runtime, logger }) }]),
    );
  }

  takes(token: string): boolean {
    return this.issuers.size > 0 && LOOKS.test(token);
  }

  knows(issuer: string): boolean {
    return this.issuers.has(issuer);
  }

  async authenticate(token: string): Promise<Principal> {
    try {
      return await this.check(token);
    } catch (error) {
      throw refusalOf(error);
    }
  }

  private async check(token: string): Promise<Principal> {
    if (token.length > LONGEST_TOKEN) throw refused(`it has ${token.length} characters, at most ${LONGEST_TOKEN} are taken`);
    const { alg } = decodeProtectedHeader(token);
    if (alg === undefined || !ALGORITHMS.includes(alg)) throw refused('it is signed in a way that is not taken here');
    const issuer = this.issuers.get(decodeJwt(token).iss ?? '');
    if (issuer === undefined) throw refused('its issuer is not one of gateway.auth.jwt');
    const { config, keys } = issuer;
    const { payload } = await jwtVerify(token, (header, jws) => keys.find(header, jws), {
      algorithms: ALGORITHMS,
      ...{ issuer: config.issuer, audience: config.audience, clockTolerance: config.clockToleranceSeconds },
      requiredClaims: ['exp'],
      currentDate: new Date(this.parts.runtime.clock.now()),
    });
    return principalOf(payload, config);
  }
}

function principalOf(payload: JWTPayload, config: JwtIssuerConfig): Principal {
  const value = claimAt(payload, config.actorClaim);
  const name = `${config.actorPrefix}${typeof value === 'string' ? value : ''}`;
  if (typeof value !== 'string' || value === '' || !NAME.test(name))
    throw refused(`its claim ${config.actorClaim} is no name of letters, digits, dots, hyphens, underscores and @`);
  return {
    actor: `user:${name}`,
    credential: { kind: 'jwt', id: config.issuer },
    permissions: permissionsFor(claimAt(payload, config.rolesClaim), config.roleOf),
    mayActAsOthers: false,
    // Taken for a moment longer, as clocks differ.
    expiresAtMs: ((payload.exp ?? 0) + config.clockToleranceSeconds) * 1_000,
  };
}

function permissionsFor(claim: unknown, roleOf: JwtIssuerConfig['roleOf']): ReadonlySet<Permission> {
  const values =
    typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim.filter((each) => typeof each === 'string') : [];
  const given: readonly (string | undefined)[] =
    roleOf === undefined ? values : [...values, ANYBODY].map((value) => (Object.hasOwn(roleOf, value) ? roleOf[value] : undefined));
  const best = ROLES.findLast((role) => given.includes(role));
  return new Set(best === undefined ? [] : PERMISSIONS_OF_ROLE[best]);
}

/** A claim by its name, else by a path of names with dots between. */
function claimAt(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split('.').reduce<unknown>((value, part) => {
    const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
    return isObject ? (value as Readonly<Record<string, unknown>>)[part] : undefined;
  }, payload);
}

function refused(why: string): TuttiError {
  return new TuttiError('UNAUTHENTICATED', `the JWT is refused: ${why}`);
}

function refusalOf(error: unknown): TuttiError {
  if (error instanceof TuttiError) return error;
  if (error instanceof errors.JWTExpired) return refused('it has expired');
  if (error instanceof errors.JWTClaimValidationFailed) return refused(`its claim ${error.claim} is missing or not the one expected`);
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('its signature does not match');
  if (error instanceof errors.JWKSNoMatchingKey) return refused('no key of its issuer fits it');
  return new TuttiError('UNAUTHENTICATED', 'the JWT is refused: it cannot be read', { cause: error });
}
