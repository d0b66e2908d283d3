import type {
  EventService,
  PublishEventRequest,
  PublishEventResponse,
  ReceiveWebhookRequest,
  ReceiveWebhookResponse,
} from '@tutti/contracts';
import { jsonValue } from '@tutti/contracts';
import { parseRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { actor } from '../api/request-fields.js';
import type { Inbox } from './inbox.js';
import { isReservedSource, isReservedType } from './reserved.js';
import type { Webhooks } from './webhooks.js';

const traceparent = z.string().max(200).default('');
const MAX_EXTENSIONS = 50;

const publishRequest = z.object({
  id: z.string().min(1, 'expected an id, unique within the source').max(300),
  source: z
    .string()
    .min(1, 'expected where it happened')
    .max(500)
    .refine((source) => !isReservedSource(source), 'expected another: "tutti", "/hooks/" and "/files/" are for what Tutti itself brings'),
  type: z
    .string()
    .regex(/^[\w.:/-]{1,200}$/, 'expected 1 to 200 letters, digits, dots, colons, slashes, hyphens or underscores')
    .refine((type) => !isReservedType(type), 'expected another: events that Tutti records itself are called so'),
  subject: z.string().max(500).default(''),
  time: z.iso.datetime({ offset: true, error: 'expected a time like 2026-01-31T09:00:00Z' }).or(z.literal('')).default(''),
  dataContentType: z
    .string()
    .max(200)
    .regex(/^$|^application\/([\w.+-]+\+)?json(\s*;.*)?$/i, 'expected a JSON type')
    .default(''),
  data: jsonValue.nullable().optional(),
  extensions: z
    .record(
      z.string().regex(/^[a-z0-9]{1,20}$/, 'expected up to 20 lower-case letters and digits'),
      z.union([z.string().max(1_000), z.number(), z.boolean()], { error: 'expected a text, a number or a boolean' }),
    )
    .default({})
    .refine((all) => Object.keys(all).length <= MAX_EXTENSIONS, `expected at most ${MAX_EXTENSIONS} further attributes`),
  actor,
  traceparent,
});

const webhookRequest = z.object({
  hook: z.string().min(1).max(200),
  ...{ id: z.string().max(1_000), timestamp: z.string().max(100), signature: z.string().max(10_000), body: z.string() },
  traceparent,
});

/** The contract of what comes from outside. */
export class EventApi implements EventService {
  constructor(private readonly parts: { readonly inbox: Inbox; readonly webhooks: Webhooks }) {}

  async publishEvent(request: PublishEventRequest): Promise<PublishEventResponse> {
    const {
      id,
      source,
      type,
      subject,
      time,
      dataContentType,
      data,
      extensions,
      actor: by,
      traceparent: trace,
    } = parseRequest(publishRequest, request);
    const event = {
      ...{ id, source, type, subject: subject === '' ? null : subject, time: time === '' ? null : time, data: data ?? null, extensions },
      ...(dataContentType === '' ? {} : { dataContentType }),
    };
    return { position: await this.parts.inbox.receive(event, { from: 'api', actor: by, traceparent: trace === '' ? null : trace }) };
  }

  async receiveWebhook(request: ReceiveWebhookRequest): Promise<ReceiveWebhookResponse> {
    const { hook, traceparent: trace, ...message } = parseRequest(webhookRequest, request);
    return { position: await this.parts.webhooks.receive(hook, message, trace === '' ? null : trace) };
  }
}
