import { z } from 'zod';
import { json, namePath, traceHeaders } from '../request-values.js';
import { defineRoute } from '../route.js';
import { changed } from '../views/view-values.js';

const text = z.string().max(2_000);

/** CloudEvents 1.0, structured mode; whatever else stands in it is an attribute of its own. */
const cloudEvent = z
  .looseObject({
    specversion: z.literal('1.0'),
    id: text,
    source: text,
    type: text,
    subject: text.default(''),
    time: text.default(''),
    datacontenttype: text.default(''),
    data: json.optional(),
  })
  .refine((event) => event['data_base64'] === undefined, {
    error: 'expected JSON in data: other content is not taken',
    path: ['data_base64'],
  })
  .meta({ id: 'CloudEvent' });

const answers = { 202: { description: 'It is durable, and acted upon afterwards', schema: changed } } as const;

export const publishEvent = defineRoute({
  id: 'publishEvent',
  method: 'POST',
  path: '/v1/events',
  tag: 'events',
  summary: 'Publish an event from outside',
  description: 'Idempotent by `source` and `id`: the same event again answers the first one’s position.',
  access: 'events:publish',
  load: 'new-work',
  headers: traceHeaders,
  bodyTypes: ['application/cloudevents+json', 'application/json'],
  body: cloudEvent,
  answers,
  errors: ['IDEMPOTENCY_CONFLICT'],
});

export const receiveWebhook = defineRoute({
  id: 'receiveWebhook',
  method: 'POST',
  path: '/v1/hooks/{name}',
  tag: 'events',
  summary: 'Take a signed message of a webhook',
  description: 'Signed by Standard Webhooks, over the very text of the body, which is JSON of at most 1 MiB. Idempotent by `webhook-id`.',
  access: 'signature',
  load: 'new-work',
  params: namePath,
  headers: traceHeaders.extend({
    'webhook-id': z.string().default(''),
    'webhook-timestamp': z.string().default(''),
    'webhook-signature': z.string().default(''),
  }),
  textBody: true,
  body: z.string().min(1),
  answers,
  errors: ['HOOK_NOT_FOUND', 'IDEMPOTENCY_CONFLICT'],
});
