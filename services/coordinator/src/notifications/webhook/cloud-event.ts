import { isoTime } from '@tutti/kernel';
import type { NotificationMessage } from '../notification-channel.port.js';

export const CONTENT_TYPE = 'application/cloudevents+json; charset=utf-8';

/**
 * A notification as a CloudEvent in structured form. The attribute `text` is one for chat systems, whose incoming webhooks take the text to show under that name.
 *
 * @param source where it comes from: the public address, if there is one
 */
export function cloudEventText(message: NotificationMessage, source: string, nowMs: number): string {
  const { id, on, to, about, subject, title, text, link, commands } = message;
  return JSON.stringify({
    specversion: '1.0',
    id,
    source,
    type: `dev.tutti.${on}.v1`,
    ...(about === null ? {} : { subject: about.runId }),
    time: about?.time ?? isoTime(nowMs),
    datacontenttype: 'application/json',
    text: [subject, text, link, ...commands].filter((line) => line !== null && line !== '').join('\n'),
    data: {
      on,
      title,
      text,
      to,
      runId: about?.runId ?? null,
      workflow: about?.workflow ?? null,
      step: about?.step ?? null,
      approvalId: about?.approvalId ?? null,
      eventId: about?.eventId ?? null,
      position: about?.position ?? null,
      link,
      commands,
    },
  });
}
