import { z } from 'zod';
import { defineEvent } from './event-catalog.js';
import { failure } from './shared-schemas.js';

const stepId = z.string().min(1);

/** How a run goes on when something has failed: handlers, compensation, the failure handler. */
export const runEndingEvents = {
  /** The step has failed, and one of its handlers runs in its place. */
  StepCaught: defineEvent('StepCaught', 1, z.object({ step: stepId, handler: z.int().nonnegative(), error: failure })),
  /** The run will end as `outcome` says, once these inner steps have undone what was done, one after the other. */
  CompensationStarted: defineEvent(
    'CompensationStarted',
    1,
    z.object({
      outcome: z.enum(['failed', 'cancelled']),
      error: failure,
      /** The step that failed; null when it was none. */
      step: stepId.nullable(),
      requestedBy: z.string(),
      /** Inner steps, `undo:{step}`, newest step first. */
      steps: z.array(stepId).readonly(),
    }),
  ),
  CompensationEnded: defineEvent(
    'CompensationEnded',
    1,
    z.object({
      compensated: z.array(stepId).readonly(),
      /** What is left to be undone by a person. */
      failed: z.array(stepId).readonly(),
    }),
  ),
  /** The workflow's `onFailure` runs; the run fails when it has ended. */
  FailureHandlerStarted: defineEvent('FailureHandlerStarted', 1, z.object({ error: failure, step: stepId.nullable() })),
} as const;
