import type { RecordedEvent } from '@tutti/kernel';
import type { EventRecord } from '../generated/tutti/v1/feed.js';

/** A recorded event as the feed's contract carries it. */
export function toEventRecord({ metadata, previousHash, ...event }: RecordedEvent): EventRecord {
  const { causationId, traceparent, subject, keyId, ...always } = metadata;
  return {
    ...event,
    metadata: {
      ...always,
      causationId: causationId ?? undefined,
      traceparent: traceparent ?? undefined,
      subject: subject ?? undefined,
      keyId: keyId ?? undefined,
    },
    previousHash: previousHash ?? undefined,
  };
}

/** The recorded event that {@link toEventRecord} was given. */
export function fromEventRecord({ metadata, previousHash, time, data, ...event }: EventRecord): RecordedEvent {
  return {
    ...event,
    time: time ?? '',
    data: data ?? {},
    contentType: 'application/json',
    metadata: {
      correlationId: metadata?.correlationId ?? '',
      causationId: metadata?.causationId ?? null,
      traceparent: metadata?.traceparent ?? null,
      actor: metadata?.actor ?? '',
      tenant: metadata?.tenant ?? '',
      subject: metadata?.subject ?? null,
      keyId: metadata?.keyId ?? null,
    },
    previousHash: previousHash ?? null,
  };
}
