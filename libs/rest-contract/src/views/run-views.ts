import { z } from 'zod';
import { anything, count, flag, labels, oneOf, text, texts, time } from './view-values.js';

export const RUN_STATUSES = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const;
export const STEP_STATUSES = ['pending', 'waiting', 'running', 'awaiting-approval', 'succeeded', 'failed', 'skipped', 'cancelled'] as const;

export const runError = z.object({ code: text, message: text, step: text }).meta({ id: 'RunError' });
const gateResult = z.object({ gate: text, type: text, passed: flag, message: text, action: text }).meta({ id: 'GateResult' });
/** What work that no agent does is waiting for: a timer, a signal, an event or a child run. */
export const awaited = z.object({ kind: text, what: text, until: time }).meta({ id: 'Awaited' });

const childRun = z
  .object({ runId: z.string(), task: text, workflow: text, status: text, block: text, detached: flag, startedAt: time, endedAt: time })
  .meta({ id: 'ChildRun' });

const stepView = z
  .object({
    id: z.string(),
    name: text,
    status: oneOf(STEP_STATUSES, 'pending'),
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
  })
  .meta({ id: 'Step' });

const runMembers = {
  id: z.string(),
  workflow: text,
  workflowVersion: count,
  status: oneOf(RUN_STATUSES, 'running'),
  labels,
  startedBy: text,
  startedAt: time,
  endedAt: time,
  error: runError.optional(),
  pause: z.object({ pausedBy: text, reason: text, pausedAt: time }).optional(),
  parent: z.object({ runId: z.string(), task: text, attempt: count, depth: count, detached: flag }).optional(),
  rootRunId: text,
  block: text,
  /** Position of the newest event in this view. */
  position: count,
};

/** A run as lists have it. */
export const runSummary = z.object(runMembers).meta({ id: 'RunSummary' });

export const runView = z
  .object({
    ...runMembers,
    /** In the order of the definition; none in lists. */
    steps: z.array(stepView).default([]),
    /** None in lists. */
    outputs: anything,
  })
  .meta({ id: 'Run' });

export const startedRun = z
  .object({ runId: z.string(), position: count, workflowVersion: count, created: flag })
  .meta({ id: 'StartedRun' });

export const sentSignal = z.object({ signalId: text, position: count, created: flag }).meta({ id: 'SentSignal' });
export const runQuery = z.object({ name: z.string(), expression: text }).meta({ id: 'RunQuery' });
export const queryResult = z.object({ value: anything, position: count }).meta({ id: 'QueryResult' });
export const repairedRun = z.object({ position: count, steps: texts }).meta({ id: 'RepairedRun' });
export const migratedRun = z
  .object({ fromVersion: count, toVersion: count, problems: texts, added: texts, dropped: texts, position: count })
  .meta({ id: 'MigratedRun' });

export type RunView = Readonly<z.infer<typeof runView>>;
export type RunSummary = Readonly<z.infer<typeof runSummary>>;
export type StepView = Readonly<z.infer<typeof stepView>>;
export type ChildRun = Readonly<z.infer<typeof childRun>>;

const ENDED: readonly string[] = ['succeeded', 'failed', 'cancelled'];

export function hasEnded({ status }: Pick<RunView, 'status'>): boolean {
  return ENDED.includes(status);
}
