import { ROLES } from '@tutti/rest-contract';
import { z } from 'zod';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Keys that were read over the open network could be anybody’s. */
const trustedUrl = z.url().refine((text) => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}, 'expected an https:// address, or http:// of a loopback address');

const claimName = z.string().min(1).max(200);

/** An issuer of JWTs that may come in. */
export const jwtIssuerConfig = z.strictObject({
  /** Exactly as in the tokens’ claim `iss`. */
  issuer: trustedUrl,
  /** What the tokens’ claim `aud` must name. */
  audience: z.string().min(1).max(500),
  /** Where its keys are. Found by OpenID discovery when left out. */
  jwksUri: trustedUrl.optional(),
  /** Claim whose value, after `user:`, is recorded with every change. Letters, digits, dots, hyphens, underscores and @ are taken. */
  actorClaim: claimName.default('sub'),
  /** Put before the claim’s value, so that two issuers cannot give the same actor. */
  actorPrefix: z
    .string()
    .regex(/^[\w.@-]{0,50}$/, 'expected letters, digits, dots, hyphens, underscores or @')
    .default(''),
  /** Claim with a list of roles, or one; a path like `realm_access.roles` looks inside. */
  rolesClaim: claimName.default('roles'),
  /** Which of Tutti’s roles a value of that claim gives; the most able counts. `*` is for every token. Left out: values that are roles of Tutti. */
  roleOf: z.record(z.string(), z.enum(ROLES)).optional(),
  clockToleranceSeconds: z.coerce.number().int().min(0).max(300).default(30),
  /** How long its keys count before they are asked for again. */
  keysMaxAgeMs: z.coerce.number().int().min(1_000).max(86_400_000).default(600_000),
  /** Shortest time between two requests for its keys. */
  keysCooldownMs: z.coerce.number().int().min(1_000).max(3_600_000).default(30_000),
});
export type JwtIssuerConfig = z.infer<typeof jwtIssuerConfig>;
