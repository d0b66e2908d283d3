import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { sha256, timestamp } from './shared-schemas.js';

/** What a key or session may do: a role, or the permissions themselves. Roles are looked up when it is used, so that they may come to hold more. */
const grant = z.object({ role: z.string().nullable(), permissions: z.array(z.string()).readonly() }).readonly();
export type AccessGrant = z.infer<typeof grant>;

const id = z.string().min(1).max(100);
const actor = z.string().max(110);

/** Of `key-<id>`. A key’s secret is 256 random bits and only its hash is recorded. */
export const keyEvents = {
  ApiKeyCreated: defineEvent(
    'ApiKeyCreated',
    1,
    z.object({ id, name: z.string().min(1).max(100), grant, secretHash: sha256, expiresAt: timestamp.nullable(), createdBy: actor }),
  ),
  /** The secret from before holds until `previousValidUntil`. */
  ApiKeyRotated: defineEvent('ApiKeyRotated', 1, z.object({ id, secretHash: sha256, previousValidUntil: timestamp, rotatedBy: actor })),
  ApiKeyRevoked: defineEvent('ApiKeyRevoked', 1, z.object({ id, reason: z.string(), revokedBy: actor })),
  /** Recorded now and then, not for every use. */
  ApiKeyUsed: defineEvent('ApiKeyUsed', 1, z.object({ id, usedAt: timestamp, address: z.string().max(100) })),
} as const;
export type KeyEvent = EventOf<typeof keyEvents>;

/** What a session stands for: it ends with it. */
const sessionOrigin = z
  .object({
    kind: z.string(),
    id: z.string().max(500),
    /** Which of a key’s secrets it was started with, counted from 1; 0 where there is but one. */
    generation: z.int().nonnegative(),
  })
  .readonly();

/** Of `session-<id>`. */
export const sessionEvents = {
  SessionStarted: defineEvent(
    'SessionStarted',
    1,
    z.object({ id, actor, origin: sessionOrigin, grant, mayActAsOthers: z.boolean(), secretHash: sha256, expiresAt: timestamp }),
  ),
  /** Recorded now and then, so that every process knows of it. */
  SessionUsed: defineEvent('SessionUsed', 1, z.object({ id, usedAt: timestamp })),
  SessionEnded: defineEvent('SessionEnded', 1, z.object({ id, reason: z.enum(['signed-out', 'replaced']) })),
} as const;
export type SessionEvent = EventOf<typeof sessionEvents>;

const counted = z.array(z.object({ value: z.string().max(200), count: z.int().positive() }).readonly()).max(10);

/** Of `access-refusals`: many refusals in one event, so that whoever is refused cannot fill the log. */
export const accessEvents = {
  AccessRefused: defineEvent(
    'AccessRefused',
    1,
    z.object({
      kind: z.enum(['credential', 'permission', 'origin']),
      count: z.int().positive(),
      since: timestamp,
      until: timestamp,
      /** The first ten of each; never a credential. */
      addresses: counted,
      actors: counted,
      wanted: counted,
    }),
  ),
} as const;
export type AccessEvent = EventOf<typeof accessEvents>;
