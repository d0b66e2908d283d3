import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { failure, jsonObject, sha256, storedValue, timestamp } from './shared-schemas.js';

const step = {
  name: z.string().min(1).max(200),
  /** From 1: the how-manieth call of this name within the task. */
  occurrence: z.int().positive(),
  /** The one that did it. */
  attempt: z.int().positive(),
  sideEffect: z.enum(['pure', 'idempotent', 'compensable', 'irreversible']),
};

const shape = {
  /** Hash of what the step depends on; null when it did not say. */
  inputHash: sha256.nullable(),
};

const usage = z
  .object({
    model: z.string().max(200).optional(),
    inputTokens: z.int().nonnegative().optional(),
    outputTokens: z.int().nonnegative().optional(),
    costUsd: z.number().nonnegative().optional(),
  })
  .readonly();

/** On `task-{runId}/{task}`: what one task has done, over all its attempts. No stream for a task that has no steps. */
export const taskEvents = {
  /** From here on nothing of an earlier attempt is taken. */
  TaskJournalOpened: defineEvent(
    'TaskJournalOpened',
    1,
    z.object({
      runId: z.string(),
      task: z.string(),
      attempt: z.int().positive(),
      /** What attempts before this one have done is forgotten, irreversible steps excepted. */
      keptFrom: z.int().positive(),
      agent: z.string(),
    }),
  ),
  /** Durable before an irreversible or compensable step begins. */
  TaskStepStarted: defineEvent(
    'TaskStepStarted',
    1,
    z.object({
      ...step,
      ...shape,
      startedAt: timestamp,
      /** What would undo it; null for what cannot be undone. */
      compensate: z.object({ capability: z.string(), with: jsonObject }).readonly().nullable(),
    }),
  ),
  TaskStepSucceeded: defineEvent(
    'TaskStepSucceeded',
    1,
    z.object({
      ...step,
      ...shape,
      value: storedValue,
      startedAt: timestamp,
      durationMs: z.number().nonnegative(),
      usage: usage.nullable(),
      /** It was found out afterwards that it had happened; nothing ran. */
      resolved: z.boolean(),
    }),
  ),
  /** Only of steps that were recorded as started. */
  TaskStepFailed: defineEvent(
    'TaskStepFailed',
    1,
    z.object({
      ...step,
      error: failure,
      /** The agent says that nothing has happened outside. */
      noEffect: z.boolean(),
      startedAt: timestamp,
      durationMs: z.number().nonnegative(),
    }),
  ),
} as const;

export type TaskEvent = EventOf<typeof taskEvents>;
