import { z } from 'zod';
import { members } from './view-values.js';

const eventMetadata = z
  .object({
    correlationId: z.string().default(''),
    causationId: z.string().nullable().default(null),
    traceparent: z.string().nullable().default(null),
    actor: z.string().default(''),
    tenant: z.string().default(''),
    subject: z.string().nullable().default(null),
    keyId: z.string().nullable().default(null),
  })
  .meta({ id: 'EventMetadata', description: 'Null stands for "does not apply".' });

/** As it was recorded, lifted to the newest version of its schema; `data` by its type. */
export const eventView = z
  .object({
    id: z.string(),
    type: z.string(),
    schemaVersion: z.int().default(1),
    contentType: z.string().default('application/json'),
    stream: z.string(),
    revision: z.int(),
    position: z.int(),
    time: z.string().meta({ format: 'date-time' }),
    data: members,
    metadata: eventMetadata,
    previousHash: z.string().nullable().default(null),
  })
  .meta({ id: 'Event' });

export type EventView = Readonly<z.infer<typeof eventView>>;

/** As far as order and display need it, which is less than the contract says; the rest is passed on as it came. */
export const feedEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  stream: z.string(),
  revision: z.number(),
  position: z.number(),
  time: z.string(),
  data: z.record(z.string(), z.unknown()),
});

export type FeedEvent = z.infer<typeof feedEvent>;
