import { LOG_LEVELS, tracingConfig } from '@tutti/service-kit';
import { z } from 'zod';
import { productionSettings } from './production/production-config.js';

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** How services that run as processes of their own call each other. */
export const processesConfig = z
  .object({
    /** How long a call waits for the service that it is for, while that is away: by default longer than `services.leaseMs`, after which another takes over. */
    callWaitMs: count(0, 600_000).default(8_000),
    /** Calls that wait so, for one service; more are refused with OVERLOADED. */
    maxWaitingCalls: count(1, 1_000_000).default(1_000),
    /** Longest time for a call that was sent. */
    callLimitMs: count(100, 3_600_000).default(30_000),
  })
  .prefault({});

/** Where a process writes its log: the file `tutti.log` of its data folder, or standard error, for whoever runs it to keep. */
export const logToSetting = z.enum(['file', 'stderr']).default('file');

/** What every such process is set by, besides what is its own. The same file and variables serve all; the settings of others are passed over. */
export const sharedSettings = {
  /** The data folder that the processes share, relative to the working folder. */
  dataDir: z.string().min(1).default('.tutti'),
  logLevel: z.enum(LOG_LEVELS).default('info'),
  logTo: logToSetting,
  /** Appends are refused while the volume has less. */
  minFreeBytes: count(0, Number.MAX_SAFE_INTEGER).default(64 * 1024 * 1024),
  processes: processesConfig,
  tracing: tracingConfig,
  ...productionSettings,
};

export type SharedConfig = z.infer<z.ZodObject<typeof sharedSettings>>;
