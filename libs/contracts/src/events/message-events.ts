import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { storedValue } from './shared-schemas.js';

/** On `conversation-{recipient}`. The event's time is the message's timestamp. */
export const messageEvents = {
  MessageSent: defineEvent(
    'MessageSent',
    1,
    z.object({
      messageId: z.string().min(1),
      /** Names of agents. */
      sender: z.string().min(1),
      recipient: z.string().min(1),
      messageType: z.string().min(1),
      content: storedValue,
      /** Id of the message that this one answers; null for none. */
      replyTo: z.string().nullable(),
    }),
  ),
} as const;

export type MessageEvent = EventOf<typeof messageEvents>;
