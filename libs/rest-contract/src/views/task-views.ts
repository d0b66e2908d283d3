import { z } from 'zod';
import { awaited, runError } from './run-views.js';
import { count, flag, oneOf, text, time } from './view-values.js';

const TASK_STATUSES = ['scheduled', 'assigned', 'waiting', 'retrying', 'succeeded', 'failed', 'cancelled'];
const OUTCOMES = ['running', 'succeeded', 'failed', 'timed-out', 'lost', 'rejected', 'cancelled'];

export const taskView = z
  .object({
    id: z.string(),
    runId: text,
    step: text,
    /** Place in the fan-out; none for a single task. */
    index: z.number().optional(),
    capability: text,
    status: oneOf(TASK_STATUSES),
    attempt: count,
    agent: text,
    worker: text,
    error: runError.optional(),
    scheduledAt: time,
    endedAt: time,
    awaited: awaited.optional(),
  })
  .meta({ id: 'Task' });

const attemptView = z
  .object({
    attempt: count,
    agent: text,
    agentVersion: text,
    worker: text,
    assignedAt: time,
    deadlineAt: time,
    endedAt: time,
    outcome: oneOf(OUTCOMES),
    error: runError.optional(),
    retryAt: time,
    durationMs: z.number().optional(),
    /** What a result was that came when the attempt no longer counted. */
    lateResult: text,
  })
  .meta({ id: 'Attempt' });

export const taskHistory = z
  .object({
    task: z.string(),
    step: text,
    capability: text,
    status: oneOf(TASK_STATUSES),
    scheduledAt: time,
    attempts: z.array(attemptView).default([]),
    awaited: awaited.optional(),
  })
  .meta({ id: 'TaskHistory' });

const candidate = z
  .object({
    agent: text,
    worker: text,
    load: count,
    capacity: count,
    /** Lower is better; none when it was not eligible. */
    score: z.number().optional(),
    eligible: flag,
    reason: text,
  })
  .meta({ id: 'Candidate' });

export const explanation = z
  .object({
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
  })
  .meta({ id: 'Explanation' });

export type TaskView = Readonly<z.infer<typeof taskView>>;
export type AttemptView = Readonly<z.infer<typeof attemptView>>;
export type TaskHistory = Readonly<z.infer<typeof taskHistory>>;
export type Explanation = Readonly<z.infer<typeof explanation>>;
