import { isJsonObject, TuttiError, type JsonValue, type RecordedEvent } from '@tutti/kernel';
import type { ServerRecord } from './read-answers.js';
import { envelopeMetadata, parseWireMetadata } from './wire-event.js';

/** @param stream as Tutti calls it. @throws TuttiError DATA_DAMAGED for an event that was not written by Tutti */
export function recordedEvent(stream: string, event: ServerRecord): RecordedEvent {
  const metadata = parseWireMetadata(parse(event.metadata));
  const data = event.isJson ? parse(event.data) : undefined;
  if (metadata === null || data === undefined || !isJsonObject(data)) {
    throw new TuttiError(
      'DATA_DAMAGED',
      `event ${event.id} of stream ${event.stream} was not written by Tutti: it has no envelope in its metadata, or no JSON`,
      { details: { stream: event.stream, revision: event.revision, id: event.id } },
    );
  }
  const { schemaVersion, time, previousHash } = metadata;
  return {
    ...{ id: event.id, type: event.type, schemaVersion, data, metadata: envelopeMetadata(metadata) },
    ...{ contentType: 'application/json', stream, revision: event.revision, position: event.position },
    ...{ time, previousHash },
  };
}

/** Undefined for what is no JSON. */
function parse(bytes: Uint8Array): JsonValue | undefined {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as JsonValue;
  } catch {
    return undefined;
  }
}
