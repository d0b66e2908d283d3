import { z } from 'zod';
import { anything, count, text, time } from './view-values.js';

const letterMembers = {
  id: z.string(),
  topic: text,
  group: text,
  offset: text,
  messageId: text,
  type: text,
  key: text,
  /** None when any member of the group may have it. */
  member: z.string().optional(),
  deliveries: count,
  error: text,
  time,
};

/** A dead letter as lists have it. */
export const deadLetterSummary = z.object(letterMembers).meta({ id: 'DeadLetterSummary' });

const failedDelivery = z.object({ delivery: count, member: text, error: text, time }).meta({ id: 'FailedDelivery' });

export const deadLetterView = z
  .object({
    ...letterMembers,
    /** None in lists, like what follows. */
    attempts: z.array(failedDelivery).default([]),
    payload: anything,
    traceparent: z.string().optional(),
  })
  .meta({ id: 'DeadLetter' });

export const settledLetter = z.object({ id: z.string(), outcome: z.enum(['replayed', 'discarded']) }).meta({ id: 'SettledDeadLetter' });

export type DeadLetterView = Readonly<z.infer<typeof deadLetterView>>;
