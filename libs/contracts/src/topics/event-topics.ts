import { streamCategory, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { EVENT_CATEGORIES } from '../events/event-categories.js';
import type { RecordedMessage } from './topic-view.js';

/** Who comes in from where is for those who read the audit: never on a topic, and in a feed by permission alone. */
export const CONFIDENTIAL_CATEGORIES: readonly string[] = ['key', 'session', 'access'];

/** Categories of streams whose events are published as they were recorded. */
export const PUBLIC_CATEGORIES: readonly string[] = EVENT_CATEGORIES.filter((category) => !CONFIDENTIAL_CATEGORIES.includes(category));

/** Recorded events of one category of streams, keyed by stream. */
export function eventsTopic(category: string): string {
  return `tutti.events.${category}`;
}

export const EVENT_TOPICS: readonly string[] = PUBLIC_CATEGORIES.map(eventsTopic);

/** CloudEvents `type` of a recorded event, like `tutti.RunStarted.v1`. */
export function publicEventType(type: string, schemaVersion: number): string {
  return `tutti.${type}.v${schemaVersion}`;
}

/** CloudEvents `type` of the record that holds how far the log is published. */
export const RELAY_POSITION = 'tutti.relay.position.v1';

/** How far the log is published: compacted, the newest record of its only key counts. */
export const RELAY_TOPIC = 'tutti.relay';

export interface PublicEvent {
  readonly topic: string;
  readonly message: RecordedMessage & { readonly headers: Readonly<Record<string, string>> };
}

/**
 * A recorded event as outside consumers get it, whole and as it was recorded, at the version of its schema then; null for what is confidential. Pure,
 * and never fails: of a type that this Tutti does not know, too.
 */
export function publicEvent(event: RecordedEvent): PublicEvent | null {
  const category = streamCategory(event.stream);
  if (!PUBLIC_CATEGORIES.includes(category)) return null;
  const traceparent = event.metadata.traceparent;
  const message = {
    id: event.id,
    type: publicEventType(event.type, event.schemaVersion),
    key: event.stream,
    payload: eventValue(event),
    headers: {
      ce_subject: event.stream,
      ce_time: event.time,
      ce_partitionkey: event.stream,
      'tutti-revision': String(event.revision),
      'tutti-position': String(event.position),
      ...(traceparent === null ? {} : { ce_traceparent: traceparent }),
    },
  };
  return { topic: eventsTopic(category), message: traceparent === null ? message : { ...message, traceparent } };
}

/** Named member by member: what a store's events carry beside these is its own business. */
function eventValue(event: RecordedEvent): JsonObject {
  const { id, type, schemaVersion, contentType, stream, revision, position, time, data, metadata, previousHash } = event;
  return { id, type, schemaVersion, contentType, stream, revision, position, time, data, metadata: { ...metadata }, previousHash };
}
