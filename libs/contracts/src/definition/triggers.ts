import { z } from 'zod';
import { jsonValue } from '../events/shared-schemas.js';
import { OVERLAP_POLICIES } from '../events/schedule-events.js';
import { duration, expression } from './definition-values.js';

/** Name of a trigger, and of a webhook's address. */
const name = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected lower-case words with hyphens, like "order-paid"')
  .max(100);
const inputs = (sees: string, otherwise: string) =>
  z
    .record(z.string(), jsonValue)
    .optional()
    .describe(`The run’s inputs; every text in it may contain expressions over ${sees}. Default: ${otherwise}.`);
const where = expression
  .optional()
  .describe('Starts a run only when it is true. `event` is the event: id, source, type, subject, time, data.');

export const scheduleTrigger = z
  .strictObject({
    name: name.optional().describe('The schedule is called "{workflow}.{name}". Default: its number, from 1.'),
    cron: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe(
        'Five fields (minute, hour, day, month, weekday), or six with seconds in front. Weekdays and days both given: either will do.',
      ),
    every: duration.optional().describe('In place of `cron`: at whole multiples of this since 1970, moved by `offset`.'),
    offset: duration.optional().describe('Moves the times of `every` to later.'),
    timezone: z.string().min(1).max(100).optional().describe('IANA name, like Europe/Berlin, in which `cron` is read. Default: UTC.'),
    overlap: z
      .enum(OVERLAP_POLICIES)
      .default('skip')
      .describe(
        'When it is time while the run before is still open: leave this time out, keep one for when that run has ended, start beside it, or cancel that run.',
      ),
    catchUp: duration.optional().describe('How far back times are made up for that passed while Tutti was down. Default: 1h.'),
    jitter: duration.optional().describe('Each start is late by up to this, by an amount that is always the same for one time.'),
    with: inputs('`schedule`: name, time, scheduledTime', 'none'),
  })
  .refine(({ cron, every }) => (cron === undefined) !== (every === undefined), 'expected either cron or every')
  .refine(({ every, offset }) => every !== undefined || offset === undefined, { error: 'offset goes with every', path: ['offset'] })
  .refine(({ cron, timezone }) => cron !== undefined || timezone === undefined, { error: 'timezone goes with cron', path: ['timezone'] });
export type ScheduleTrigger = z.infer<typeof scheduleTrigger>;

export const webhookTrigger = z.strictObject({
  name: name.describe('The webhook is POST /v1/hooks/{name}.'),
  secret: name
    .optional()
    .describe(
      'Name of the secret in the configuration (coordinator.triggers.webhooks) that its messages are signed with. Default: the name of the webhook.',
    ),
  where,
  with: inputs('`event`', 'the message, when it is an object'),
});
export type WebhookTrigger = z.infer<typeof webhookTrigger>;

export const eventTrigger = z.strictObject({
  type: z
    .string()
    .min(1)
    .max(200)
    .describe(
      'Type of an event from outside (POST /v1/events), like requirements.approved, or of one that Tutti records, like RunSucceeded.',
    ),
  source: z.string().min(1).max(500).optional().describe('Only events of this source.'),
  where,
  with: inputs('`event`', 'the event’s data, when it is an object'),
});
export type EventTrigger = z.infer<typeof eventTrigger>;

export const fileTrigger = z.strictObject({
  folder: z.string().min(1).max(1_000).describe('Absolute path, below one of the configured folders (coordinator.triggers.fileRoots).'),
  pattern: z
    .string()
    .min(1)
    .max(200)
    .default('*')
    .describe(
      'Names of files: * for anything but "/", ** for folders too, ? for one character. With a "/" in it, folders below are looked into.',
    ),
  where,
  with: inputs('`event`, whose data has path, name, size and sha256', 'event.data'),
});
export type FileTrigger = z.infer<typeof fileTrigger>;

const MAX_TRIGGERS = 50;

/** What starts runs of a workflow by itself. That of the newest version counts. */
export const triggers = z
  .strictObject({
    schedule: z.array(scheduleTrigger).max(MAX_TRIGGERS).optional(),
    webhook: z.array(webhookTrigger).max(MAX_TRIGGERS).optional(),
    event: z.array(eventTrigger).max(MAX_TRIGGERS).optional(),
    file: z.array(fileTrigger).max(MAX_TRIGGERS).optional(),
  })
  .describe('What starts runs by itself: times, webhooks, events, files. The newest version of the workflow counts.');
export type Triggers = z.infer<typeof triggers>;
