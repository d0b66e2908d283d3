import { Controller, Inject } from '@nestjs/common';
import type { EventService } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import { publishEvent, receiveWebhook, type RouteInput } from '@tutti/rest-contract';
import { EVENT_SERVICE } from '@tutti/service-kit';
import { Actor } from '../door/actor.js';
import { parseJsonText } from '../door/json-text.js';
import { Input, Route } from '../rest/route.decorator.js';

const MAX_WEBHOOK_CHARACTERS = 1024 * 1024;
const UNSIGNED = 'expected the headers webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks)';

/** Where events come in from outside. They are durable when the answer comes, and acted upon afterwards. */
@Controller()
export class InboxController {
  constructor(@Inject(EVENT_SERVICE) private readonly events: EventService) {}

  @Route(publishEvent)
  async publish(@Input(publishEvent) { body, headers: { traceparent } }: RouteInput<typeof publishEvent>, @Actor() actor: string) {
    const { specversion: _, id, source, type, subject, time, datacontenttype: dataContentType, data, ...extensions } = body;
    const { position } = await this.events.publishEvent({
      ...{ id, source, type, subject, time, dataContentType, data: data ?? null, extensions, actor, traceparent },
    });
    return { position };
  }

  /** Signed by Standard Webhooks: over the very text of the body. */
  @Route(receiveWebhook)
  async receive(@Input(receiveWebhook) { params, headers, body }: RouteInput<typeof receiveWebhook>) {
    const signed = { id: headers['webhook-id'], timestamp: headers['webhook-timestamp'], signature: headers['webhook-signature'] };
    // Nobody has proved anything yet: little is done before the signature is looked at.
    if (Object.values(signed).includes('')) throw new TuttiError('UNAUTHENTICATED', UNSIGNED);
    if (body.length > MAX_WEBHOOK_CHARACTERS)
      throw new TuttiError(
        'PAYLOAD_TOO_LARGE',
        `the message has ${body.length} characters; a webhook takes at most ${MAX_WEBHOOK_CHARACTERS}`,
      );
    parseJsonText(body);
    const { traceparent } = headers;
    const { position } = await this.events.receiveWebhook({ hook: params.name, ...signed, body, traceparent });
    return { position };
  }
}
