import { z } from 'zod';
import { notificationsConfig } from './notifications/notifications.config.js';
import { triggersConfig } from './triggers/triggers.config.js';

export const coordinatorConfig = z
  .strictObject({
    /** Open runs taken at once; more are refused with OVERLOADED. */
    maxOpenRuns: z.coerce.number().int().min(1).default(100_000),
    /** From so many tasks that wait for an agent on, starts are refused with OVERLOADED. */
    maxWaitingTasks: z.coerce.number().int().min(1).default(100_000),
    /** Commands that wait for the turn of one run; more are refused with OVERLOADED. */
    maxQueuedCommands: z.coerce.number().int().min(1).default(10_000),
    /** Longest time for one expression. */
    expressionLimitMs: z.coerce.number().int().min(10).default(2_000),
    /** How often workers give a sign of life. */
    beatMs: z.coerce.number().int().min(10).max(60_000).default(1_000),
    /** A worker that is silent for so long is taken to be dead: what it held goes elsewhere. */
    leaseMs: z.coerce.number().int().min(50).max(600_000).default(5_000),
    /** How long workers have, after a start, to announce what they hold before it is given away. */
    workerGraceMs: z.coerce.number().int().min(0).default(10_000),
    /** Runs loaded at once during recovery. */
    recoveryConcurrency: z.coerce.number().int().min(1).max(1_000).default(32),
    limits: z
      .strictObject({
        /** How long leased permits stay a coordinator's without a sign of life. */
        leaseMs: z.coerce.number().int().min(1_000).max(3_600_000).default(20_000),
        /** Part of a limit that is leased at once, so that not every task costs an append. */
        batchShare: z.coerce.number().min(0.001).max(1).default(0.1),
      })
      .prefault({}),
    notifications: notificationsConfig.prefault({}),
    triggers: triggersConfig.prefault({}),
    breaker: z
      .strictObject({
        /** So many failures of an agent in a row keep tasks from it; 0 for never. */
        failures: z.coerce.number().int().min(0).max(100_000).default(10),
        /** How long it gets nothing then. */
        coolDownMs: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
      })
      .prefault({}),
  })
  .refine(({ beatMs, leaseMs }) => leaseMs >= 3 * beatMs, {
    error: 'expected leaseMs to be at least three times beatMs, so that one late sign of life costs nothing',
    path: ['leaseMs'],
  });
export type CoordinatorConfig = z.infer<typeof coordinatorConfig>;
