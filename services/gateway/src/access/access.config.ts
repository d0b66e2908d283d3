import { z } from 'zod';
import { jwtIssuerConfig } from './jwt/jwt.config.js';

const flag = z.union([z.boolean(), z.stringbool()]);
const milliseconds = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

export const accessConfig = z.strictObject({
  /** Issuers of JWTs that may come in: one, or a list. */
  jwt: z
    .preprocess((value) => (value === undefined || Array.isArray(value) ? value : [value]), z.array(jwtIssuerConfig).max(20))
    .default([]),
  keys: z
    .strictObject({
      /** API keys that are not revoked. */
      max: z.coerce.number().int().min(1).max(100_000).default(1_000),
    })
    .prefault({}),
  sessions: z
    .strictObject({
      /** Open at once; for one more the least recently used of whoever has most ends. */
      max: z.coerce.number().int().min(1).max(100_000).default(1_000),
      /** Without a request for so long it is over. */
      idleTimeoutMs: milliseconds(60_000, 30 * 86_400_000).default(12 * 3_600_000),
      /** It is over then, whatever comes. */
      maxAgeMs: milliseconds(60_000, 365 * 86_400_000).default(7 * 86_400_000),
      /** For a page that browsers reach by https, through a proxy: the cookie is sent by https only. */
      secureCookie: flag.default(false),
    })
    .prefault({}),
});
export type AccessConfig = z.infer<typeof accessConfig>;
