import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { timestamp } from './shared-schemas.js';

/** Whose permits they are: an owner's, under one limit. */
const lease = z.string().min(1);
const count = z.int().nonnegative();

/**
 * Permits of one scope (`limit-{scope}`). Owners take them in batches; at any point of the stream the permits of all leases, or of all
 * reservations of a window, are at most the limit they were asked under.
 */
export const limitEvents = {
  PermitsReserved: defineEvent(
    'PermitsReserved',
    1,
    z.object({
      scope: z.string().min(1),
      lease,
      count: z.int().positive(),
      /** The limit they were reserved under. */
      limit: z.int().positive(),
      /** Null for a concurrency, whose permits come back. A rate's are used up with the window. */
      window: z.object({ startsAt: timestamp, perMs: z.int().positive() }).readonly().nullable(),
      /** From then on another owner may let the lease expire. */
      expiresAt: timestamp,
    }),
  ),
  /** None were free for the lease. Who has idle ones hands them back. */
  PermitsAwaited: defineEvent('PermitsAwaited', 1, z.object({ lease })),
  /** The owner is there, and holds so many from now on; the rest came back. */
  PermitsSettled: defineEvent('PermitsSettled', 1, z.object({ lease, count, expiresAt: timestamp })),
  PermitsReleased: defineEvent('PermitsReleased', 1, z.object({ lease, count: z.int().positive() })),
  /** The owner did not settle in time; what it held came back. */
  PermitsExpired: defineEvent('PermitsExpired', 1, z.object({ lease, count: z.int().positive() })),
  /** Permits of attempts that another owner has taken over from whoever had them, one for each. */
  PermitsAdopted: defineEvent(
    'PermitsAdopted',
    1,
    z.object({ from: lease, lease, attempts: z.array(z.string().min(1)).min(1).readonly(), expiresAt: timestamp }),
  ),
} as const;

export type LimitEvent = EventOf<typeof limitEvents>;
