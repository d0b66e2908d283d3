import { z } from 'zod';
import { defineEvent } from './event-catalog.js';
import { storedValue, timestamp } from './shared-schemas.js';

/** What begins a unit of work that no agent does. It ends as a task does: TaskSucceeded, TaskAttemptFailed or TaskCancelled. */
const begun = {
  task: z.string().min(1),
  step: z.string().min(1),
  index: z.int().nonnegative().nullable(),
  attempt: z.int().positive(),
  begunAt: timestamp,
  /** Case of the step's switch; absent without one. */
  branch: z.string().optional(),
};

export const runWorkEvents = {
  TimerStarted: defineEvent('TimerStarted', 1, z.object({ ...begun, wakeAt: timestamp })),
  SignalAwaited: defineEvent('SignalAwaited', 1, z.object({ ...begun, signal: z.string(), deadlineAt: timestamp.nullable() })),
  EventAwaited: defineEvent(
    'EventAwaited',
    1,
    z.object({
      ...begun,
      eventType: z.string(),
      source: z.string().nullable(),
      /** Only events after this position count. */
      after: z.int().min(-1),
      deadlineAt: timestamp.nullable(),
    }),
  ),
  /** The run that does the work is recorded here before it starts, so that it is started once whatever happens in between. */
  ChildRunStarted: defineEvent(
    'ChildRunStarted',
    1,
    z.object({
      ...begun,
      runId: z.string(),
      workflow: z.string(),
      workflowVersion: z.int().positive(),
      /** Group of the workflow's definition; absent for a whole workflow. */
      block: z.string().optional(),
      /** Of a dynamic plan: the document that was checked; absent otherwise. */
      definition: storedValue.optional(),
      definitionHash: z.string(),
      inputs: storedValue,
      /** What it starts with: those of its workflow, or a copy of the parent's for a group and a plan. Absent when there are none. */
      variables: z.record(z.string(), storedValue).optional(),
      /** Absent when they are the parent's. */
      labels: z.record(z.string(), z.string()).optional(),
      /** Nobody waits for it. */
      detached: z.boolean(),
      deadlineAt: timestamp.nullable(),
    }),
  ),
  /** Somebody sent a signal. Waits take it by its name, each signal is taken once. */
  SignalReceived: defineEvent(
    'SignalReceived',
    1,
    z.object({
      /** Unique in the run: the same signal sent again is not received again. */
      signalId: z.string().min(1),
      name: z.string().min(1),
      payload: storedValue,
      sentBy: z.string(),
    }),
  ),
  /** A wait has looked at the signals that came, up to the one that was the run's `through`-th, and none was for it. */
  SignalsPassed: defineEvent(
    'SignalsPassed',
    1,
    z.object({ task: z.string().min(1), step: z.string().min(1), attempt: z.int().positive(), through: z.int().positive() }),
  ),
  /** A step that repeats has asked whether it is done. When it is not, its work starts anew, not before `resumeAt`. */
  RepetitionDecided: defineEvent(
    'RepetitionDecided',
    1,
    z.object({
      step: z.string().min(1),
      /** The one that has ended, from 1. */
      iteration: z.int().positive(),
      again: z.boolean(),
      /** Null when it is done or goes on at once. */
      resumeAt: timestamp.nullable(),
    }),
  ),
  VariablesSet: defineEvent(
    'VariablesSet',
    1,
    z.object({
      values: z.record(z.string(), storedValue),
      /** The step that set them; null when somebody did. */
      step: z.string().nullable(),
      /** All of them as one value, the step's output; absent when somebody set them. */
      output: storedValue.optional(),
      setBy: z.string(),
      reason: z.string(),
    }),
  ),
} as const;
