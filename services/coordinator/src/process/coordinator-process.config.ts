import { textList } from '@tutti/service-kit';
import { sharedSettings } from '@tutti/service-process';
import { z } from 'zod';
import { coordinatorConfig } from '../coordinator.config.js';

const SHIPPED = ['@tutti/architecture-design', '@tutti/phased-delivery'];

/** What a coordinator in a process of its own is set by, out of the file and variables that all processes share. */
export const coordinatorProcessConfig = z.object({
  ...sharedSettings,
  /** Folders of workflow definitions that are registered at the start, relative to the working folder. */
  workflowFolders: textList.default([]),
  coordinator: coordinatorConfig.prefault({}),
  /** Where it listens for workers, and for the other processes. */
  workerProcesses: z
    .object({
      /** A loopback address: the connection is not encrypted. */
      host: z.string().min(1).max(255).default('127.0.0.1'),
      /** 0 for any free one. Others find it in the data folder. */
      port: z.coerce.number().int().min(0).max(65_535).default(0),
    })
    .prefault({}),
  /** The packages that bring agents bring workflows, too. */
  workers: z.object({ agentPackages: textList.default(SHIPPED) }).prefault({}),
});
export type CoordinatorProcessConfig = z.infer<typeof coordinatorProcessConfig>;
