import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { failure } from './shared-schemas.js';

/** On `trigger-{…}`. What a trigger starts, says the run itself, by its labels. */
export const triggerEvents = {
  /** An event matched a trigger, and no run came of it. On `trigger-{workflow}`. */
  TriggerRefused: defineEvent(
    'TriggerRefused',
    1,
    z.object({
      /** `{workflow}/{kind}.{number}`. */
      trigger: z.string().min(1),
      /** Source and id of the event. */
      eventSource: z.string().min(1),
      eventId: z.string().min(1),
      eventType: z.string().min(1),
      error: failure,
    }),
  ),
  /** Everything up to this position has been held against the triggers. On `trigger-.positions`. */
  TriggersChecked: defineEvent('TriggersChecked', 1, z.object({ position: z.int() })),
} as const;

export type TriggerEvent = EventOf<typeof triggerEvents>;
