import { Body, Controller, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { jsonValue, type EventService } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { EVENT_SERVICE, invalidRequest } from '@tutti/service-kit';
import { z } from 'zod';
import { Actor, FromStartHeaders, type StartHeaders } from '../door/actor.js';
import { configOf } from '../rest/route-config.js';
import { parseJsonText } from '../door/json-text.js';
import { jsonBody, nameText, parameters, textBody } from '../door/request-parsing.js';

const CLOUD_EVENT = configOf({ access: 'events:publish', load: 'change', bodyTypes: ['application/cloudevents+json', 'application/json'] });
/** The signature is the credential. */
const SIGNED = configOf({ access: 'signature', load: 'change' });

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
    data: jsonValue.nullable().optional(),
  })
  .refine((event) => event['data_base64'] === undefined, {
    error: 'expected JSON in data: other content is not taken',
    path: ['data_base64'],
  });

const MAX_WEBHOOK_CHARACTERS = 1024 * 1024;
const UNSIGNED = 'expected the headers webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks)';

const hookPath = z.strictObject({ name: nameText });

/** Where events come in from outside. They are durable when the answer comes, and acted upon afterwards. */
@Controller('v1')
export class InboxController {
  constructor(@Inject(EVENT_SERVICE) private readonly events: EventService) {}

  @Post('events')
  @HttpCode(202)
  @RouteConfig(CLOUD_EVENT)
  async publish(
    @Body(jsonBody(cloudEvent)) event: z.infer<typeof cloudEvent>,
    @Actor() actor: string,
    @FromStartHeaders() { traceparent }: StartHeaders,
  ) {
    const { specversion: _, id, source, type, subject, time, datacontenttype: dataContentType, data, ...extensions } = event;
    const { position } = await this.events.publishEvent({
      ...{ id, source, type, subject, time, dataContentType, data: data ?? null, extensions, actor, traceparent },
    });
    return { position };
  }

  /** Signed by Standard Webhooks: over the very text of the body. */
  @Post('hooks/:name')
  @HttpCode(202)
  @RouteConfig(SIGNED)
  async receive(
    @Param(parameters(hookPath)) { name }: z.infer<typeof hookPath>,
    @Body(textBody) body: string,
    @Headers() headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    @FromStartHeaders() { traceparent }: StartHeaders,
  ) {
    const header = (of: string): string => {
      const value = headers[of] ?? '';
      if (typeof value !== 'string') throw invalidRequest([{ path: of, message: 'found several, expected one' }]);
      return value;
    };
    const signed = { id: header('webhook-id'), timestamp: header('webhook-timestamp'), signature: header('webhook-signature') };
    // Nobody has proved anything yet: little is done before the signature is looked at.
    if (Object.values(signed).includes('')) throw new TuttiError('UNAUTHENTICATED', UNSIGNED);
    if (body.length > MAX_WEBHOOK_CHARACTERS)
      throw new TuttiError(
        'PAYLOAD_TOO_LARGE',
        `the message has ${body.length} characters; a webhook takes at most ${MAX_WEBHOOK_CHARACTERS}`,
      );
    parseJsonText(body);
    const { position } = await this.events.receiveWebhook({ hook: name, ...signed, body, traceparent });
    return { position };
  }
}
