import { z } from 'zod';
import { defineEvent } from './event-catalog.js';
import { storedValue, timestamp } from './shared-schemas.js';

export const runRepairEvents = {
  /** Somebody put the run right. One that had ended goes on. */
  RunRepaired: defineEvent(
    'RunRepaired',
    1,
    z.object({
      /** What the same request has again. */
      repairId: z.string().min(1),
      /** Back to pending, to be done anew; what they did before stays in the log. */
      steps: z.array(z.string().min(1)).readonly(),
      /** Those of the steps that are lists whose finished parts stay; absent for none. */
      kept: z.array(z.string().min(1)).readonly().optional(),
      /** Step → the input that its task gets this time, instead of what its `with` comes to. */
      inputs: z.record(z.string(), storedValue),
      /** Step → the output that it has succeeded with, though nobody did it. */
      outputs: z.record(z.string(), storedValue),
      /** When the run fails for taking too long, counted anew; null for never. */
      deadlineAt: timestamp.nullable(),
      repairedBy: z.string(),
      reason: z.string(),
    }),
  ),
} as const;
