import { z } from 'zod';
import { defineEvent } from './event-catalog.js';
import { sha256, storedValue, timestamp } from './shared-schemas.js';

const approvalId = z.string();
const actors = z.array(z.string()).readonly();

export const runApprovalEvents = {
  ApprovalRequested: defineEvent(
    'ApprovalRequested',
    1,
    z.object({
      approvalId,
      step: z.string().min(1),
      gate: z.string(),
      title: z.string(),
      payload: storedValue,
      payloadHash: sha256,
      /** Who may decide; absent for anyone. */
      approvers: actors.optional(),
      /** How many different people must approve; absent for one. */
      quorum: z.int().positive().optional(),
      /** Who may not, whoever else may. */
      barred: actors.optional(),
      /** From then on nobody decides any more, and it counts as rejected. */
      expiresAt: timestamp.optional(),
      /** Who is asked besides, if it is not decided by then. */
      escalations: z
        .array(z.object({ at: timestamp, to: actors }).readonly())
        .readonly()
        .optional(),
      /** Mail addresses and channels to tell. */
      notify: z.array(z.string()).readonly().optional(),
    }),
  ),
  /** One of several people that must approve has. */
  ApprovalVoted: defineEvent(
    'ApprovalVoted',
    1,
    z.object({ approvalId, payloadHash: sha256, votedBy: z.string(), votedAt: timestamp, reason: z.string() }),
  ),
  /** An approver gave the decision to somebody else. */
  ApprovalDelegated: defineEvent('ApprovalDelegated', 1, z.object({ approvalId, from: z.string(), to: z.string(), reason: z.string() })),
  /** It was not decided in time: these may decide as well. */
  ApprovalEscalated: defineEvent('ApprovalEscalated', 1, z.object({ approvalId, to: actors, level: z.int().positive() })),
  ApprovalExpired: defineEvent('ApprovalExpired', 1, z.object({ approvalId, expiredAt: timestamp })),
  ApprovalDecided: defineEvent(
    'ApprovalDecided',
    1,
    z.object({
      approvalId,
      approved: z.boolean(),
      payloadHash: sha256,
      decidedBy: z.string(),
      decidedAt: timestamp,
      reason: z.string(),
    }),
  ),
  /** Nobody needs to decide any more: the step was reset or the run ended. */
  ApprovalVoided: defineEvent('ApprovalVoided', 1, z.object({ approvalId, reason: z.string() })),
} as const;
