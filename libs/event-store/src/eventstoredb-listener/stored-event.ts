import {
  DEFAULT_TENANT,
  isJsonObject,
  type EventMetadata,
  type JsonObject,
  type JsonValue,
  type NewEvent,
  type RecordedEvent,
} from '@tutti/kernel';
import { envelopeMetadata, parseWireMetadata, wireMetadata } from '../eventstoredb/wire-event.js';

/** An event as EventStoreDB's protocol has it. */
export interface WireEvent {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export const JSON_TYPE = 'application/json';
const FOREIGN_ACTOR = 'service:eventstoredb';

/** Kept beside the envelope of an event that came by the protocol: what its metadata has that an envelope has no place for. */
interface ByWire {
  /** The writer's, of an event of Tutti's. */
  readonly time?: string;
  readonly previousHash?: string | null;
  /** Base64, of everybody else's, so that they get back the very bytes they wrote. */
  readonly contentType?: string;
  readonly data?: string;
  readonly metadata?: string;
}

type StoredMetadata = EventMetadata & { readonly byWire?: ByWire };

/** As the embedded store keeps it: an event of Tutti's as one that was appended there itself, others as their bytes. */
export function storedEvent(event: WireEvent): NewEvent {
  const own = ownEvent(event);
  if (own !== null && sameBytes(own, event)) return own;
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const metadata: StoredMetadata = {
    ...{
      correlationId: event.id,
      causationId: null,
      traceparent: null,
      actor: FOREIGN_ACTOR,
      tenant: DEFAULT_TENANT,
      subject: null,
      keyId: null,
    },
    byWire: { contentType: event.contentType, data: base64(event.data), metadata: base64(event.metadata) },
  };
  return { id: event.id, type: event.type, schemaVersion: 1, data: {}, metadata };
}

/** As it goes over the wire. */
export function wireEvent(event: RecordedEvent): WireEvent {
  const { id, type } = event;
  const { byWire } = event.metadata as StoredMetadata;
  if (byWire?.data !== undefined) {
    const bytes = (text = ''): Uint8Array => Buffer.from(text, 'base64');
    return { id, type, contentType: byWire.contentType ?? JSON_TYPE, data: bytes(byWire.data), metadata: bytes(byWire.metadata) };
  }
  const { time = event.time, previousHash = event.previousHash } = byWire ?? {};
  return ownWireEvent({ ...event, time, previousHash });
}

function ownEvent({ id, type, contentType, data, metadata }: WireEvent): NewEvent | null {
  if (contentType !== JSON_TYPE) return null;
  const [body, wire] = [parseJson(data), parseWireMetadata(parseJson(metadata))];
  if (wire === null || body === undefined || !isJsonObject(body)) return null;
  const { schemaVersion, time, previousHash } = wire;
  const stored: StoredMetadata = { ...envelopeMetadata(wire), byWire: { time, previousHash } };
  return { id, type, schemaVersion, data: body, metadata: stored };
}

/** Whoever writes JSON in a way of their own has a right to it. */
function sameBytes(own: NewEvent, { data, metadata }: WireEvent): boolean {
  const { byWire } = own.metadata as StoredMetadata;
  const written = ownWireEvent({ ...own, time: byWire?.time ?? '', previousHash: byWire?.previousHash ?? null });
  return Buffer.compare(written.data, data) === 0 && Buffer.compare(written.metadata, metadata) === 0;
}

function ownWireEvent(
  event: Pick<RecordedEvent, 'id' | 'type' | 'data' | 'metadata' | 'schemaVersion' | 'time' | 'previousHash'>,
): WireEvent {
  const text = (value: JsonObject): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');
  return { id: event.id, type: event.type, contentType: JSON_TYPE, data: text(event.data), metadata: text({ ...wireMetadata(event) }) };
}

function parseJson(bytes: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonValue;
  } catch {
    return undefined;
  }
}
