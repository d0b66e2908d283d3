import type { JsonObject } from '@tutti/kernel';
import type { MessageEvent } from '../events/message-events.js';
import type { StoredValue } from '../events/shared-schemas.js';
import type { RecordedTopicView } from './topic-view.js';

export const MESSAGES_TOPIC = 'tutti.messages';
export const MESSAGE_SENT = 'tutti.message.sent.v1';

/** Messages to one recipient share a stream, and so their order. */
export function conversationStream(recipient: string): string {
  return `conversation-${recipient}`;
}

/** On {@link MESSAGES_TOPIC}, under the recipient as key. */
export interface MessageSentPayload extends JsonObject {
  readonly messageId: string;
  readonly sender: string;
  readonly recipient: string;
  readonly messageType: string;
  readonly content: StoredValue & JsonObject;
  readonly replyTo: string | null;
  /** ISO 8601, UTC; when the store took the message. */
  readonly timestamp: string;
}

/** Messages between agents, derived from their recorded events. */
export const messagesTopicView: RecordedTopicView = {
  topic: MESSAGES_TOPIC,
  filter: { categories: ['conversation'], types: ['MessageSent'] },
  messages: (event) => {
    const data = event.data as (MessageEvent & { type: 'MessageSent' })['data'];
    const payload = { ...data, timestamp: event.time } as MessageSentPayload;
    const traceparent = event.metadata.traceparent;
    return [{ id: event.id, type: MESSAGE_SENT, key: data.recipient, payload, ...(traceparent === null ? {} : { traceparent }) }];
  },
};
