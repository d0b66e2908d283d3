import { z } from 'zod';

// What the API answers. Members of proto3's default may be left out, so each has its default here; what a newer server adds is passed over.
const text = z.string().default('');
const count = z.coerce.number().default(0);
const flag = z.boolean().default(false);
/** ISO 8601, UTC. */
const time = z.string().optional();
const texts = z.array(z.string()).default([]);

const runError = z.object({ code: text, message: text, step: text });
const gateResult = z.object({ gate: text, type: text, passed: flag, message: text, action: text });
const awaited = z.object({ kind: text, what: text, until: time });

const childRun = z.object({
  runId: z.string(),
  task: text,
  workflow: text,
  status: z.string().default('running'),
  block: text,
  detached: flag,
});

const stepView = z.object({
  id: z.string(),
  name: text,
  status: z.string().default('pending'),
  needs: texts,
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

const runView = z.object({
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
  parent: z.object({ runId: z.string(), task: text, detached: flag }).optional(),
  rootRunId: text,
  block: text,
  position: count,
});

const candidate = z.object({
  agent: text,
  worker: text,
  load: count,
  capacity: count,
  score: z.number().optional(),
  eligible: flag,
  reason: text,
});

const explanation = z.object({
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

const approvalView = z.object({
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
  approvers: texts,
  barred: texts,
  quorum: count,
  approvedBy: texts,
  expiresAt: time,
  rootRunId: text,
});

const agentView = z.object({
  profile: z.object({
    name: z.string(),
    version: text,
    description: text,
    role: text,
    capabilities: texts,
    model: text,
    kind: text,
    limits: z.object({ concurrency: count, timeoutMs: count }).optional(),
  }),
  status: text,
  registeredAt: time,
  changedAt: time,
});

const workflowView = z.object({
  name: z.string(),
  version: count,
  description: text,
  hash: text,
  definition: z.record(z.string(), z.unknown()).default({}),
  source: text,
  registeredAt: time,
});

const versionView = z.object({
  version: count,
  hash: text,
  registeredAt: time,
  isNewest: flag,
  drained: flag,
  share: count,
  openRuns: count,
  moreOpenRuns: flag,
});

const scheduleView = z.object({
  name: z.string(),
  workflow: text,
  status: text,
  cron: z.string().optional(),
  every: z.string().optional(),
  timezone: z.string().optional(),
  overlap: text,
  nextTimes: texts,
  recentRuns: z.array(z.object({ runId: z.string(), scheduledTime: time, kind: text })).default([]),
});

const taskView = z.object({
  id: z.string(),
  runId: text,
  step: text,
  capability: text,
  status: text,
  agent: text,
});

/** As it is recorded; `data` by the type of the event. */
export const eventView = z.object({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.number(),
  position: z.number(),
  time: z.string(),
  data: z.record(z.string(), z.unknown()),
  metadata: z.object({ actor: text }),
});

const page = { nextPageToken: text };

export const answers = {
  started: z.object({ runId: z.string(), position: count }),
  change: z.object({ position: count }),
  run: z.object({ run: runView }),
  runs: z.object({ runs: z.array(runView).default([]), ...page }),
  events: z.object({ events: z.array(eventView), nextRevision: z.number().nullable() }),
  why: z.object({ explanations: z.array(explanation).default([]) }),
  approval: z.object({ approval: approvalView }),
  approvals: z.object({ approvals: z.array(approvalView).default([]), ...page }),
  agents: z.object({ agents: z.array(agentView).default([]), ...page }),
  workflow: z.object({ workflow: workflowView }),
  workflows: z.object({ workflows: z.array(workflowView).default([]), ...page }),
  versions: z.object({ versions: z.array(versionView).default([]) }),
  schedules: z.object({ schedules: z.array(scheduleView).default([]), ...page }),
  tasks: z.object({ tasks: z.array(taskView).default([]), ...page }),
  version: z.object({ version: z.string() }),
};

export type RunView = Readonly<z.infer<typeof runView>>;
export type StepView = Readonly<z.infer<typeof stepView>>;
export type Explanation = Readonly<z.infer<typeof explanation>>;
export type ApprovalView = Readonly<z.infer<typeof approvalView>>;
export type AgentView = Readonly<z.infer<typeof agentView>>;
export type WorkflowView = Readonly<z.infer<typeof workflowView>>;
export type ScheduleView = Readonly<z.infer<typeof scheduleView>>;
export type EventView = Readonly<z.infer<typeof eventView>>;

const ENDED = ['succeeded', 'failed', 'cancelled'];

export function hasEnded(status: string): boolean {
  return ENDED.includes(status);
}
