import { sharedSettings } from '@tutti/service-process';
import { z } from 'zod';

/** What self-improvement is set by, out of the file and variables that all processes share. */
export const selfImprovementProcessConfig = z.object({
  ...sharedSettings,
  selfImprovement: z
    .object({
      /** Where it shows what it has found. */
      host: z.string().min(1).max(255).default('127.0.0.1'),
      /** 0 for any free one. */
      port: z.coerce.number().int().min(0).max(65_535).default(4_730),
      /** So many positions of the log before its start are looked at first. */
      lookBack: z.coerce.number().int().min(0).max(100_000_000).default(200_000),
    })
    .prefault({}),
});
export type SelfImprovementProcessConfig = z.infer<typeof selfImprovementProcessConfig>;
