import { z } from 'zod';
import { defineEvent } from './event-catalog.js';
import { sha256 } from './shared-schemas.js';

export const runVersionEvents = {
  /** From here on the run goes by another version of its workflow. What has ended stays as it is. */
  RunMigrated: defineEvent(
    'RunMigrated',
    1,
    z.object({
      fromVersion: z.int().positive(),
      toVersion: z.int().positive(),
      definitionHash: sha256,
      migratedBy: z.string(),
      reason: z.string(),
      /** Old name → new name, of steps that had ended; absent when none was renamed. */
      mapping: z.record(z.string(), z.string()).optional(),
      /** Steps that had not begun and are not in the new version. */
      dropped: z.array(z.string()).readonly(),
    }),
  ),
} as const;
