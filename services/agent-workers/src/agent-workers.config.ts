import { DEFAULT_POOL } from '@tutti/contracts';
import { textList } from '@tutti/service-kit';
import { z } from 'zod';

const milliseconds = (most: number) => z.coerce.number().int().min(0).max(most);

export const agentWorkersConfig = z
  .object({
    pool: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens')
      .default(DEFAULT_POOL),
    /** Folders of agent files, relative to the base folder that the composition root names. */
    agentFolders: textList.default([]),
    /** Installed packages that bring agents. */
    agentPackages: textList.default([]),
    /** Time for tasks in hand to end by themselves at shut-down. */
    drainMs: milliseconds(3_600_000).default(5_000),
    /** Time for an agent to end once its attempt was aborted. Longer than `killGraceMs`, so that programs are gone by then. */
    abortGraceMs: milliseconds(600_000).default(3_000),
    /** Between SIGTERM and SIGKILL for a program. */
    killGraceMs: milliseconds(600_000).default(2_000),
    /** The programs of workflows' `command` gates. They run only where a folder for them is named, relative to the base folder. */
    gateCommands: z
      .object({ folder: z.string().default(''), concurrency: z.coerce.number().int().min(1).max(1_000).default(4) })
      .prefault({}),
    /** Results that are not durable yet; at this many, no new task is begun. */
    maxUnreportedResults: z.coerce.number().int().min(1).max(1_000_000).default(5_000),
    /** Wait before a result that could not be handed over is tried again; doubled up to the longest. */
    reportRetryMs: milliseconds(60_000).default(100),
    maxReportRetryMs: milliseconds(600_000).default(5_000),
    /** Steps that one task's journal takes, over all attempts. */
    maxJournalSteps: z.coerce.number().int().min(1).max(1_000_000).default(10_000),
    /** What the events of one task's journal come to; values over 64 KiB are in the blobs and count as their address. */
    maxJournalBytes: z.coerce
      .number()
      .int()
      .min(1_024)
      .max(1024 * 1024 * 1024)
      .default(16 * 1024 * 1024),
  })
  .prefault({})
  .refine((config) => config.killGraceMs <= config.abortGraceMs, {
    error: 'expected killGraceMs to be at most abortGraceMs',
    path: ['killGraceMs'],
  });
export type AgentWorkersConfig = z.infer<typeof agentWorkersConfig>;
