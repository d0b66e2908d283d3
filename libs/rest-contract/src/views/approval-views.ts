import { z } from 'zod';
import { anything, count, oneOf, text, texts, time } from './view-values.js';

export const APPROVAL_STATUSES = ['pending', 'approved', 'rejected', 'voided', 'expired'] as const;

const approvalPlace = z.object({ runId: z.string(), workflow: text, task: text }).meta({ id: 'ApprovalPlace' });

const approvalMembers = {
  id: z.string(),
  runId: text,
  workflow: text,
  step: text,
  gate: text,
  title: text,
  status: oneOf(APPROVAL_STATUSES, 'pending'),
  /** SHA-256 of the canonical payload. A decision holds for exactly this. */
  payloadHash: text,
  requestedAt: time,
  decidedAt: time,
  decidedBy: text,
  reason: text,
  /** Who may decide; empty for anyone. */
  approvers: texts,
  barred: texts,
  quorum: count,
  approvedBy: texts,
  expiresAt: time,
  rootRunId: text,
  /** From the root to the step that asks. */
  path: z.array(approvalPlace).default([]),
};

export const approvalView = z
  .object({
    ...approvalMembers,
    /** None in lists. */
    payload: anything,
  })
  .meta({ id: 'Approval' });

export const decision = z.object({ runId: text, position: count }).meta({ id: 'Decision' });

export type ApprovalView = Readonly<z.infer<typeof approvalView>>;
