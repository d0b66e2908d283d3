import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { jsonObject, sha256 } from './shared-schemas.js';

/** Says which runs get the version: those with all of these labels, or a share of those that no rule's labels fit. */
const rolloutRule = z
  .object({
    version: z.int().positive(),
    /** Per cent. */
    share: z.number().min(0).max(100).optional(),
    labels: z.record(z.string(), z.string()).optional(),
  })
  .readonly();

const versionHeld = z.object({ name: z.string(), version: z.int().positive(), reason: z.string() });

export const workflowEvents = {
  WorkflowVersionRegistered: defineEvent(
    'WorkflowVersionRegistered',
    1,
    z.object({
      name: z.string(),
      version: z.int().positive(),
      description: z.string(),
      hash: sha256,
      definition: jsonObject,
      source: z.string(),
      registeredBy: z.string(),
    }),
  ),
  /** What starts without a version get from now on; no rules: the newest. */
  WorkflowRolloutChanged: defineEvent(
    'WorkflowRolloutChanged',
    1,
    z.object({ name: z.string(), rules: z.array(rolloutRule).readonly(), changedBy: z.string(), reason: z.string() }),
  ),
  /** It takes no new runs; those under way go on. */
  WorkflowVersionDrained: defineEvent('WorkflowVersionDrained', 1, versionHeld.extend({ drainedBy: z.string() })),
  WorkflowVersionRestored: defineEvent('WorkflowVersionRestored', 1, versionHeld.extend({ restoredBy: z.string() })),
} as const;

export type WorkflowEvent = EventOf<typeof workflowEvents>;
export type WorkflowVersionRegistered = Extract<WorkflowEvent, { readonly type: 'WorkflowVersionRegistered' }>['data'];
export type RolloutRule = z.infer<typeof rolloutRule>;
