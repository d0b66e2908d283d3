import { DEFAULT_TENANT, type EventMetadata, type NewEvent } from './event-envelope.js';
import type { JsonObject } from './json.js';

/** What an author knows of an event beside its data; what is left out does not apply. */
export interface EventOrigin {
  readonly correlationId: string;
  readonly actor: string;
  readonly causationId?: string | null;
  readonly traceparent?: string | null;
}

/** Metadata of events with one origin. Make it once and hand the same object to all of them: the store writes out a shared one once. */
export function eventMetadata({ correlationId, actor, causationId = null, traceparent = null }: EventOrigin): EventMetadata {
  return { correlationId, causationId, traceparent, actor, tenant: DEFAULT_TENANT, subject: null, keyId: null };
}

/** An event as its author hands it to the store, of the type and version that its definition names. */
export function newEvent(
  id: string,
  { type, schemaVersion }: { readonly type: string; readonly schemaVersion: number },
  data: object,
  metadata: EventMetadata,
): NewEvent {
  // What an event's schema describes is JSON, though an interface without index signature does not say so.
  return { id, type, schemaVersion, data: data as JsonObject, metadata };
}
