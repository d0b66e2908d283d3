import type { EventMetadata, RecordedEvent } from '@tutti/kernel';
import { isJsonObject } from '@tutti/kernel';

/**
 * What stands in an event's metadata in EventStoreDB: the envelope, with the server's own names where it has some, so that its projections by correlation
 * work. The time and the hash are the writer's: they are in the chain, and the server's own time is known only once the event is read.
 */
export interface WireMetadata {
  readonly $correlationId: string;
  readonly $causationId: string | null;
  readonly traceparent: string | null;
  readonly actor: string;
  readonly tenant: string;
  readonly subject: string | null;
  readonly keyId: string | null;
  readonly schemaVersion: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly time: string;
  readonly previousHash: string | null;
}

export function wireMetadata({
  metadata,
  schemaVersion,
  time,
  previousHash,
}: Pick<RecordedEvent, 'metadata' | 'schemaVersion' | 'time' | 'previousHash'>): WireMetadata {
  const { correlationId, causationId, traceparent, actor, tenant, subject, keyId } = metadata;
  return {
    $correlationId: correlationId,
    $causationId: causationId,
    ...{ traceparent, actor, tenant, subject, keyId },
    ...{ schemaVersion, time, previousHash },
  };
}

/** Null for metadata that somebody else wrote. */
export function parseWireMetadata(value: unknown): WireMetadata | null {
  if (!isJsonObject(value)) return null;
  const { $correlationId, $causationId, traceparent, actor, tenant, subject, keyId, schemaVersion, time, previousHash } = value;
  const isText = (text: unknown): text is string => typeof text === 'string';
  const isTextOrNull = (text: unknown): text is string | null => text === null || isText(text);
  if (!isText($correlationId) || !isText(actor) || !isText(tenant) || !isText(time)) return null;
  if (
    !isTextOrNull($causationId) ||
    !isTextOrNull(traceparent) ||
    !isTextOrNull(subject) ||
    !isTextOrNull(keyId) ||
    !isTextOrNull(previousHash)
  )
    return null;
  if (typeof schemaVersion !== 'number' || !Number.isSafeInteger(schemaVersion)) return null;
  return { $correlationId, $causationId, traceparent, actor, tenant, subject, keyId, schemaVersion, time, previousHash };
}

/** In the order in which the members stand in every envelope: the hash is over its text. */
export function envelopeMetadata({
  $correlationId,
  $causationId,
  traceparent,
  actor,
  tenant,
  subject,
  keyId,
}: WireMetadata): EventMetadata {
  return { correlationId: $correlationId, causationId: $causationId, traceparent, actor, tenant, subject, keyId };
}
