import { sharedSettings } from '@tutti/service-process';
import { z } from 'zod';
import { agentWorkersConfig } from '../agent-workers.config.js';

/** What a worker in a process of its own is set by. The same file and variables serve the process that owns the runs; its settings are passed over. */
export const workerProcessConfig = z.object({
  ...sharedSettings,
  workers: z.preprocess(
    (value) =>
      typeof value === 'object' || value === undefined
        ? { agentPackages: ['@tutti/architecture-design', '@tutti/phased-delivery'], ...value }
        : value,
    agentWorkersConfig,
  ),
});
export type WorkerProcessConfig = z.infer<typeof workerProcessConfig>;
