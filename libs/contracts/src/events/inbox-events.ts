import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { storedValue } from './shared-schemas.js';

/** Values that CloudEvents allows for attributes beside its own. */
const extension = z.union([z.string(), z.number(), z.boolean()]);

/** On `inbox-{source}`. Whatever comes from outside is recorded first, and acted upon afterwards. */
export const inboxEvents = {
  EventReceived: defineEvent(
    'EventReceived',
    1,
    z.object({
      /** With `eventId` the identity of the event: what comes again under the same two is recorded once. */
      source: z.string().min(1),
      eventId: z.string().min(1),
      /** As its sender calls it, like `order.paid`. Never the name of an event that Tutti itself records. */
      eventType: z.string().min(1),
      subject: z.string().nullable(),
      /** When it happened, as its sender says; null when it does not. */
      occurredAt: z.string().nullable(),
      dataContentType: z.string().optional(),
      data: storedValue,
      receivedFrom: z.enum(['api', 'webhook', 'file']),
      /** Further CloudEvents attributes. */
      extensions: z.record(z.string(), extension).readonly().optional(),
    }),
  ),
} as const;

export type InboxEvent = EventOf<typeof inboxEvents>;
export type EventReceived = InboxEvent['data'];
