import { z } from 'zod';

export const coordinatorConfig = z.strictObject({
  /** Open runs taken at once; more are refused with OVERLOADED. */
  maxOpenRuns: z.coerce.number().int().min(1).default(100_000),
  /** Longest time for one expression. */
  expressionLimitMs: z.coerce.number().int().min(10).default(2_000),
  /** How long workers have, after a start, to announce what they hold before it is given away. */
  workerGraceMs: z.coerce.number().int().min(0).default(10_000),
  /** Runs loaded at once during recovery. */
  recoveryConcurrency: z.coerce.number().int().min(1).max(1_000).default(32),
});
export type CoordinatorConfig = z.infer<typeof coordinatorConfig>;
