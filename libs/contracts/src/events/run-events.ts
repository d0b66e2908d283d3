import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { failure, jsonValue, sha256, storedValue, timestamp } from './shared-schemas.js';
import { runApprovalEvents } from './run-approval-events.js';
import { runEndingEvents } from './run-ending-events.js';
import { runVersionEvents } from './run-version-events.js';
import { runRepairEvents } from './run-repair-events.js';
import { runWorkEvents } from './run-work-events.js';
import { MAX_PRIORITY, MIN_PRIORITY, taskLimit, taskPermit, taskRouting } from './task-admission.js';

const stepId = z.string().min(1);
/** `{step}`, `{step}[{index}]` in a fan-out, with `~{visit}` behind it from the second visit of the step on. Unique within the run. */
const taskId = z.string().min(1);
/** Fencing number of a task's attempts, from 1. Only results of the current one count. */
const attempt = z.int().positive();

const candidate = z
  .object({
    agent: z.string(),
    worker: z.string(),
    load: z.int().nonnegative(),
    capacity: z.int().nonnegative(),
    /** Lower is better; null when it was not eligible. */
    score: z.number().nullable(),
    reason: z.string(),
  })
  .readonly();

const assignment = z
  .object({
    worker: z.string(),
    agent: z.string(),
    agentVersion: z.string(),
    /** Start-to-close deadline; null for none. */
    deadlineAt: timestamp.nullable(),
    reason: z.string(),
    /** Who else could have had it, best first; at most 10. */
    candidates: z.array(candidate).readonly(),
    /** One for each of the task's limits, in their order; absent for a task without. */
    permits: z.array(taskPermit).readonly().optional(),
  })
  .readonly();

const feedback = z.object({ gate: z.string(), message: z.string(), evidence: jsonValue.optional() }).readonly();

const runParent = z
  .object({
    runId: z.string().min(1),
    task: taskId,
    attempt,
    /** Child runs above it, itself included: 1 for a child of a run that was started from outside. */
    depth: z.int().positive(),
    /** The parent does not wait for it. */
    detached: z.boolean(),
  })
  .readonly();

export const runEvents = {
  RunStarted: defineEvent(
    'RunStarted',
    1,
    z.object({
      runId: z.string(),
      workflow: z.string(),
      workflowVersion: z.int().positive(),
      definitionHash: sha256,
      inputs: storedValue,
      labels: z.record(z.string(), z.string()),
      idempotencyKey: z.string().nullable(),
      /** Hash of the request that the key stands for. */
      requestHash: sha256,
      startedBy: z.string(),
      /** What the definition's `variables` came to; absent without. */
      variables: z.record(z.string(), storedValue).optional(),
      /** When the run fails for taking too long; absent without a `timeout`. */
      deadlineAt: timestamp.optional(),
      /** Of a child run: whose work it does. Absent for a run that was started from outside. */
      parent: runParent.optional(),
      /** Group of the definition that it runs; absent for the whole of it. */
      block: z.string().optional(),
      /** Of a dynamic plan, or a group in one: the document that it runs; absent for a registered workflow. */
      definition: storedValue.optional(),
    }),
  ),
  StepSkipped: defineEvent('StepSkipped', 1, z.object({ step: stepId, because: z.enum(['condition', 'needs']), message: z.string() })),
  FanOutStarted: defineEvent(
    'FanOutStarted',
    1,
    z.object({
      step: stepId,
      /** The list that is fanned out over. */
      items: storedValue,
      count: z.int().nonnegative(),
      /** Most tasks scheduled at once. */
      concurrency: z.int().positive(),
    }),
  ),
  FanOutJoined: defineEvent('FanOutJoined', 1, z.object({ step: stepId, output: storedValue })),
  TaskScheduled: defineEvent(
    'TaskScheduled',
    1,
    z.object({
      task: taskId,
      step: stepId,
      index: z.int().nonnegative().nullable(),
      capability: z.string(),
      /** Only this agent may have it; null for any with the capability. */
      pinnedAgent: z.string().nullable(),
      input: storedValue,
      timeoutMs: z.int().positive().nullable(),
      feedback: z.array(feedback).readonly(),
      attempt,
      /** Absent for the default, 3. */
      priority: z.int().min(MIN_PRIORITY).max(MAX_PRIORITY).optional(),
      /** Absent for the default, least-loaded. */
      routing: taskRouting.optional(),
      /** Absent when it needs no permit. */
      limits: z.array(taskLimit).readonly().optional(),
      /** Case of the step's switch; absent without one. */
      branch: z.string().optional(),
      /** Null when it must wait for an agent or a permit; TaskAssigned follows then. */
      assignment: assignment.nullable(),
    }),
  ),
  TaskAssigned: defineEvent('TaskAssigned', 1, z.object({ task: taskId, step: stepId, capability: z.string(), attempt, assignment })),
  TaskSucceeded: defineEvent(
    'TaskSucceeded',
    1,
    z.object({
      task: taskId,
      attempt,
      output: storedValue,
      durationMs: z.number().nonnegative(),
      /** Id of the signal or event that a wait took; absent for other work. */
      takenFrom: z.string().optional(),
    }),
  ),
  ...runWorkEvents,
  ...runVersionEvents,
  ...runEndingEvents,
  ...runRepairEvents,
  TaskAttemptFailed: defineEvent(
    'TaskAttemptFailed',
    1,
    z.object({
      task: taskId,
      attempt,
      cause: z.enum(['error', 'timeout', 'lost', 'gate']),
      error: failure,
      /** Who had it, and is to stop when it still works on it. */
      worker: z.string().nullable(),
      /** When the next attempt may start; null when there is none. */
      retryAt: timestamp.nullable(),
      /** Whether the next attempt gets the steps in the task's journal, irreversible ones apart, which stay; keep when left out. */
      journal: z.enum(['keep', 'reset']).optional(),
      /** Only this agent may have the next attempt; as before when left out. */
      nextAgent: z.string().optional(),
      /** For the next attempt. */
      feedback: z.array(feedback).readonly(),
    }),
  ),
  TaskCancelled: defineEvent('TaskCancelled', 1, z.object({ task: taskId, attempt, worker: z.string().nullable(), reason: z.string() })),
  TaskResultSuperseded: defineEvent(
    'TaskResultSuperseded',
    1,
    z.object({ task: taskId, attempt, outcome: z.enum(['succeeded', 'failed']), durationMs: z.number().nonnegative() }),
  ),
  /** The gate takes time: this inner step does its work. */
  GateStarted: defineEvent('GateStarted', 1, z.object({ step: stepId, gate: z.string(), inner: stepId })),
  GateEvaluated: defineEvent(
    'GateEvaluated',
    1,
    z.object({
      step: stepId,
      gate: z.string(),
      gateType: z.enum(['schema', 'expression', 'plan', 'metric', 'command', 'agent', 'approval']),
      passed: z.boolean(),
      message: z.string(),
      evidence: jsonValue,
      action: z.enum(['continue', 'retry', 'goto', 'ask', 'fail']),
    }),
  ),
  ...runApprovalEvents,
  /** Its output is that of its task, or what its fan-out joined to. */
  StepSucceeded: defineEvent('StepSucceeded', 1, z.object({ step: stepId })),
  StepFailed: defineEvent('StepFailed', 1, z.object({ step: stepId, error: failure })),
  StepsReset: defineEvent(
    'StepsReset',
    1,
    z.object({
      /** These go back to pending; what they did before stays in the log. */
      steps: z.array(stepId).readonly(),
      target: stepId,
      because: z.object({ step: stepId, gate: z.string() }).readonly(),
      feedback: z.array(feedback).readonly(),
    }),
  ),
  /** Nothing new is scheduled or assigned until it is resumed; what is under way goes on to its end. */
  RunPaused: defineEvent(
    'RunPaused',
    1,
    z.object({
      pausedBy: z.string(),
      reason: z.string(),
      /** Its parent was paused; it goes on with it. Absent otherwise. */
      withParent: z.boolean().optional(),
    }),
  ),
  RunResumed: defineEvent('RunResumed', 1, z.object({ resumedBy: z.string(), reason: z.string() })),
  RunSucceeded: defineEvent('RunSucceeded', 1, z.object({ outputs: storedValue })),
  RunFailed: defineEvent('RunFailed', 1, z.object({ error: failure, step: stepId.nullable() })),
  RunCancelled: defineEvent('RunCancelled', 1, z.object({ cancelledBy: z.string(), reason: z.string() })),
} as const;

export type RunEvent = EventOf<typeof runEvents>;
export type RunEventType = RunEvent['type'];
export type TaskAssignment = z.infer<typeof assignment>;
export type AssignmentCandidate = z.infer<typeof candidate>;
export type GateFeedback = z.infer<typeof feedback>;
