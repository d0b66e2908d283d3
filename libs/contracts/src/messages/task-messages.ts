import { z } from 'zod';
import { storedValue } from '../events/shared-schemas.js';
import { jsonValue } from '../events/shared-schemas.js';

/** On `tutti.tasks.<pool>`, to the member that is the worker: work for one attempt. Claim it before any side effect. */
export const taskAssignedMessage = z
  .object({
    runId: z.string(),
    task: z.string(),
    step: z.string(),
    capability: z.string(),
    attempt: z.int().positive(),
    agent: z.string(),
    agentVersion: z.string(),
  })
  .readonly();
export type TaskAssignedMessage = z.infer<typeof taskAssignedMessage>;

/** On the same topic: stop working on this attempt; its result will not count. */
export const taskCancelledMessage = z
  .object({ runId: z.string(), task: z.string(), attempt: z.int().positive(), reason: z.string() })
  .readonly();
export type TaskCancelledMessage = z.infer<typeof taskCancelledMessage>;

/** What a worker learns when its claim is granted. */
export const taskInput = z
  .object({
    input: storedValue,
    feedback: z.array(z.object({ gate: z.string(), message: z.string(), evidence: jsonValue.optional() }).readonly()).readonly(),
    deadlineAt: z.string().nullable(),
    /** Longest silence of the agent, in milliseconds; none when left out. */
    heartbeatMs: z.int().positive().optional(),
    /** Steps in the task's journal count from this attempt on; 1, all of them, when it is left out. */
    journalFrom: z.int().positive().optional(),
  })
  .readonly();
export type TaskInput = z.infer<typeof taskInput>;
