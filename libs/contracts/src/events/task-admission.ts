import { z } from 'zod';

/** How a step chooses among the agents that could have its task. */
export const ROUTING_STRATEGIES = ['least-loaded', 'cheapest', 'fastest', 'most-successful', 'sticky'] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/** 1 is the most urgent. */
export const MIN_PRIORITY = 1;
export const MAX_PRIORITY = 5;
export const DEFAULT_PRIORITY = 3;

export const taskRouting = z
  .object({
    strategy: z.enum(ROUTING_STRATEGIES),
    /** What `sticky` keeps together; null for the other strategies. */
    key: z.string().nullable(),
  })
  .readonly();
export type TaskRouting = z.infer<typeof taskRouting>;

/** A permit that each attempt of the task needs before it is assigned. */
export const taskLimit = z
  .object({
    kind: z.enum(['concurrency', 'rate']),
    /** Who shares it: the stream is `limit-{scope}`, or a hash of it. */
    scope: z.string().min(1),
    limit: z.int().positive(),
    /** Length of the window of a rate; null for a concurrency. */
    perMs: z.int().positive().nullable(),
  })
  .readonly();
export type TaskLimit = z.infer<typeof taskLimit>;

/** Which lease of the scope a permit came from. */
export const taskPermit = z.object({ scope: z.string().min(1), lease: z.string().min(1) }).readonly();
export type TaskPermit = z.infer<typeof taskPermit>;
