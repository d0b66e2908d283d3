import { z } from 'zod';
import { count, flag, text, texts, time } from './view-values.js';

export const apiKeyView = z
  .object({
    id: z.string(),
    name: text,
    /** What its changes are recorded under: `key:<name>`. */
    actor: text,
    /** Empty for a key with a list of permissions of its own. */
    role: text,
    permissions: texts,
    /** active, expired or revoked; a newer server may have others. */
    status: z.string().default('active'),
    createdAt: time,
    createdBy: text,
    /** Absent for a key that holds until it is revoked. */
    expiresAt: time,
    rotatedAt: time,
    /** Until then the secret from before the rotation holds as well. */
    previousValidUntil: time,
    revokedAt: time,
    revokedBy: text,
    revokeReason: text,
    /** To the hour; absent for a key that was never used. */
    lastUsedAt: time,
    lastUsedFrom: text,
  })
  .meta({ id: 'ApiKey' });

/** The only time that the secret is shown: only its hash is kept. */
export const issuedKey = z.object({ key: apiKeyView, secret: z.string(), position: count }).meta({ id: 'IssuedApiKey' });

export const callerView = z
  .object({
    /** Recorded with every change that the caller makes. */
    actor: z.string(),
    /** The role with exactly these permissions; empty when there is none. */
    role: text,
    permissions: texts,
    credential: z.object({ kind: text, id: text }),
    /** Whether it may name another as the actor, by `Tutti-Actor`. */
    mayActAsOthers: flag,
    /** Absent for a credential that holds until it is revoked. */
    expiresAt: time,
  })
  .meta({ id: 'Caller' });

export const auditEntry = z
  .object({
    /** Of the event that recorded it. */
    id: z.string(),
    position: count,
    time,
    actor: text,
    type: text,
    category: text,
    stream: text,
    revision: count,
    correlationId: text,
    /** The short values of the event, as far as they say what was done. */
    details: z.record(z.string(), z.unknown()).default({}),
  })
  .meta({ id: 'AuditEntry' });

export type ApiKeyView = Readonly<z.infer<typeof apiKeyView>>;
export type CallerView = Readonly<z.infer<typeof callerView>>;
