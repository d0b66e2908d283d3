import { z } from 'zod';

/**
 * Answers of the server, as far as the program shows them. Members with proto3 defaults may be left out on the wire, so every one has its
 * default here; what a newer server adds is passed over. Machine-readable output is printed from the answer itself, never from these.
 */
const text = z.string().default('');
const count = z.coerce.number().default(0);
const time = z.string().optional();

const runError = z.object({ code: text, message: text, step: text });
const gateResult = z.object({ gate: text, type: text, passed: z.boolean().default(false), message: text, action: text });

const awaited = z.object({ kind: text, what: text, until: time });

const childRun = z.object({
  runId: z.string(),
  task: text,
  workflow: text,
  block: text,
  status: text,
  detached: z.boolean().default(false),
  startedAt: time,
  endedAt: time,
});
export type ChildRun = z.infer<typeof childRun>;

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
  awaited: awaited.optional(),
  iteration: count,
  children: z.array(childRun).default([]),
});
export type StepView = z.infer<typeof stepView>;

export const runView = z.object({
  id: z.string(),
  workflow: text,
  workflowVersion: count,
  status: z.string().default('running'),
  labels: z.record(z.string(), z.string()).default({}),
  startedBy: text,
  startedAt: time,
  endedAt: time,
  steps: z.array(stepView).default([]),
  error: runError.optional(),
  outputs: z.unknown().optional(),
  pause: z.object({ pausedBy: text, reason: text, pausedAt: time }).optional(),
  position: count,
  parent: z.object({ runId: z.string(), task: text }).optional(),
  rootRunId: text,
  block: text,
});
export type RunView = z.infer<typeof runView>;

export const taskView = z.object({
  id: z.string(),
  step: text,
  index: z.number().optional(),
  capability: text,
  status: text,
  attempt: count,
  agent: text,
  worker: text,
  error: runError.optional(),
  scheduledAt: time,
  endedAt: time,
  awaited: awaited.optional(),
});

const attemptView = z.object({
  attempt: count,
  agent: text,
  agentVersion: text,
  worker: text,
  assignedAt: time,
  endedAt: time,
  outcome: text,
  error: runError.optional(),
  lateResult: text,
});
export type AttemptView = z.infer<typeof attemptView>;

export const taskHistory = z.object({
  task: z.string(),
  step: text,
  capability: text,
  status: text,
  scheduledAt: time,
  attempts: z.array(attemptView).default([]),
});
export type TaskHistory = z.infer<typeof taskHistory>;

const candidate = z.object({
  agent: text,
  worker: text,
  load: count,
  capacity: count,
  score: z.number().optional(),
  eligible: z.boolean().default(false),
  reason: text,
});

export const explanation = z.object({
  task: text,
  step: text,
  capability: text,
  status: text,
  attempt: count,
  summary: text,
  agent: text,
  worker: text,
  candidates: z.array(candidate).default([]),
  decidedAt: time,
});
export type Explanation = z.infer<typeof explanation>;

export const approvalView = z.object({
  id: z.string(),
  runId: text,
  workflow: text,
  step: text,
  gate: text,
  title: text,
  status: z.string().default('pending'),
  payloadHash: text,
  payload: z.unknown().optional(),
  requestedAt: time,
  decidedAt: time,
  decidedBy: text,
  reason: text,
  rootRunId: text,
  path: z.array(z.object({ runId: z.string(), workflow: text, task: text })).default([]),
  approvers: z.array(z.string()).default([]),
  quorum: z.number().default(1),
  approvedBy: z.array(z.string()).default([]),
  expiresAt: time,
});
export type ApprovalView = z.infer<typeof approvalView>;

export const workflowView = z.object({
  name: z.string(),
  version: count,
  description: text,
  hash: text,
  definition: z.record(z.string(), z.unknown()).default({}),
  source: text,
  registeredAt: time,
});

export const versionsAnswer = z.object({
  versions: z
    .array(
      z.object({
        version: count,
        hash: text,
        registeredAt: time,
        isNewest: z.boolean().default(false),
        drained: z.boolean().default(false),
        share: count,
        openRuns: count,
        moreOpenRuns: z.boolean().default(false),
      }),
    )
    .default([]),
  rules: z
    .array(z.object({ version: count, share: z.number().optional(), labels: z.record(z.string(), z.string()).default({}) }))
    .default([]),
});
export type VersionsAnswer = z.infer<typeof versionsAnswer>;

export const versionsChanged = z.object({ changed: z.boolean().default(false) });

export const queriesAnswer = z.object({ queries: z.array(z.object({ name: z.string(), expression: text })).default([]) });

export const migration = z.object({
  fromVersion: count,
  toVersion: count,
  problems: z.array(z.string()).default([]),
  added: z.array(z.string()).default([]),
  dropped: z.array(z.string()).default([]),
});

export const agentView = z.object({
  profile: z.object({
    name: z.string(),
    version: text,
    description: text,
    role: text,
    capabilities: z.array(z.string()).default([]),
    specialisations: z.array(z.string()).default([]),
    model: text,
    tools: z.array(z.string()).default([]),
    limits: z.object({ concurrency: count, timeoutMs: count }).optional(),
    kind: text,
    metadata: z.record(z.string(), z.unknown()).default({}),
  }),
  status: text,
  registeredAt: time,
  changedAt: time,
  generation: count,
});
export type AgentView = z.infer<typeof agentView>;

export const serviceInstance = z.object({
  id: z.string(),
  service: text,
  version: text,
  addresses: z.array(z.string()).default([]),
  health: text,
  registeredAt: time,
  leaseUntil: time,
});

export const deadLetter = z.object({
  id: z.string(),
  topic: text,
  group: text,
  type: text,
  key: text,
  member: text,
  deliveries: count,
  error: text,
  time,
  attempts: z.array(z.object({ delivery: count, member: text, error: text, time })).default([]),
  payload: z.unknown().optional(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

export const notificationView = z.object({
  id: z.string(),
  channel: text,
  on: text,
  to: z.array(z.string()).default([]),
  title: text,
  runId: text,
  workflow: text,
  approvalId: text,
  status: text,
  attempts: count,
  requestedAt: time,
  retryAt: time,
  errorCode: text,
  errorMessage: text,
});
export type NotificationView = z.infer<typeof notificationView>;

export const channelTest = z.object({
  id: text,
  delivered: z.boolean().default(false),
  answer: text,
  errorCode: text,
  errorMessage: text,
});

export const doctorCheck = z.object({ name: z.string(), status: z.enum(['ok', 'warning', 'failed']), detail: text });
export type DoctorCheck = z.infer<typeof doctorCheck>;

export const startedRun = z.object({ runId: z.string(), position: count, workflowVersion: count, created: z.boolean().default(false) });

/** An event as far as order and display need it; its data is passed on as it came. */
export const feedEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.number(),
  position: z.number(),
  time: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type FeedEvent = z.infer<typeof feedEvent>;

export const serverVersion = z.object({ name: z.literal('tutti'), version: text, node: text });
