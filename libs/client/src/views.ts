import { z } from 'zod';

/**
 * What the server answers, as users of this library see it. Members with proto3 defaults may be left out on the wire, so every one has its default here; what a
 * newer server adds is passed over.
 */
const text = z.string().default('');
const count = z.coerce.number().default(0);
/** ISO 8601, UTC. */
const time = z.string().optional();

export const RUN_STATUSES = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
/** A newer server may have statuses that this version does not know. */
export type RunStatus = (typeof RUN_STATUSES)[number] | (string & Record<never, never>);
export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'voided' | (string & Record<never, never>);

const runError = z.object({ code: text, message: text, step: text });
const gateResult = z.object({ gate: text, type: text, passed: z.boolean().default(false), message: text, action: text });

const stepView = z.object({
  id: z.string(),
  name: text,
  status: z.string().default('pending'),
  needs: z.array(z.string()).default([]),
  agent: text,
  attempts: count,
  tasks: count,
  tasksSucceeded: count,
  tasksFailed: count,
  gates: z.array(gateResult).default([]),
  startedAt: time,
  endedAt: time,
  error: runError.optional(),
  skipReason: text,
});

export const runView = z.object({
  id: z.string(),
  workflow: text,
  workflowVersion: count,
  status: z.string().default('running'),
  labels: z.record(z.string(), z.string()).default({}),
  startedBy: text,
  startedAt: time,
  endedAt: time,
  /** In the order of the definition; none in lists. */
  steps: z.array(stepView).default([]),
  error: runError.optional(),
  /** None in lists. */
  outputs: z.unknown().optional(),
  pause: z.object({ pausedBy: text, reason: text, pausedAt: time }).optional(),
  /** Position of the newest event in this view. */
  position: count,
});

export const approvalView = z.object({
  id: z.string(),
  runId: text,
  workflow: text,
  step: text,
  gate: text,
  title: text,
  status: z.string().default('pending'),
  /** SHA-256 of the canonical payload. A decision holds for exactly this. */
  payloadHash: text,
  /** None in lists. */
  payload: z.unknown().optional(),
  requestedAt: time,
  decidedAt: time,
  decidedBy: text,
  reason: text,
});

export const workflowView = z.object({
  name: z.string(),
  version: count,
  description: text,
  hash: text,
  definition: z.record(z.string(), z.unknown()).default({}),
  /** The text as it was registered; empty in lists. */
  source: text,
  registeredAt: time,
});

const definitionProblem = z.object({ line: count, column: count, path: text, message: text });

export const answers = {
  startRun: z.object({ runId: z.string(), position: count, workflowVersion: count, created: z.boolean().default(false) }),
  run: z.object({ run: runView }),
  runs: z.object({ runs: z.array(runView).default([]), nextPageToken: text }),
  signal: z.object({ signalId: text, position: count, created: z.boolean().default(false) }),
  query: z.object({ value: z.unknown().optional(), position: count }),
  approval: z.object({ approval: approvalView }),
  approvals: z.object({ approvals: z.array(approvalView).default([]), nextPageToken: text }),
  decision: z.object({ runId: text, position: count }),
  change: z.object({ position: count }),
  repaired: z.object({ position: count, steps: z.array(z.string()).default([]) }),
  registered: z.object({ workflow: workflowView, created: z.boolean().default(false), position: count }),
  problems: z.object({ problems: z.array(definitionProblem).default([]) }),
  workflow: z.object({ workflow: workflowView }),
  workflows: z.object({ workflows: z.array(workflowView).default([]), nextPageToken: text }),
};

/** Shared: nobody changes one. */
export type StepView = Readonly<z.infer<typeof stepView>>;
export type RunView = Readonly<z.infer<typeof runView>>;
export type ApprovalView = Readonly<z.infer<typeof approvalView>>;
export type WorkflowView = Readonly<z.infer<typeof workflowView>>;
export type DefinitionProblem = Readonly<z.infer<typeof definitionProblem>>;

const ENDED = new Set(['succeeded', 'failed', 'cancelled']);

export function hasEnded({ status }: Pick<RunView, 'status'>): boolean {
  return ENDED.has(status);
}
