import { z } from 'zod';
import { defineEvent, type EventOf } from './event-catalog.js';
import { jsonObject, sha256 } from './shared-schemas.js';

export const workflowEvents = {
  WorkflowVersionRegistered: defineEvent(
    'WorkflowVersionRegistered',
    1,
    z.object({
      name: z.string(),
      version: z.int().positive(),
      description: z.string(),
      hash: sha256,
      definition: jsonObject,
      source: z.string(),
      registeredBy: z.string(),
    }),
  ),
} as const;

export type WorkflowEvent = EventOf<typeof workflowEvents>;
