import type { RecordedEvent as ServerEvent } from '@eventstore/db-client';
import { TuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { envelopeMetadata, parseWireMetadata } from './wire-event.js';

/** @param stream as Tutti calls it. @throws TuttiError DATA_DAMAGED for an event that was not written by Tutti */
export function recordedEvent(stream: string, event: ServerEvent): RecordedEvent {
  const metadata = parseWireMetadata(event.metadata);
  if (metadata === null || !event.isJson || event.position === undefined) {
    throw new TuttiError(
      'DATA_DAMAGED',
      `event ${event.id} of stream ${event.streamId} was not written by Tutti: it has no envelope in its metadata`,
      { details: { stream: event.streamId, revision: Number(event.revision), id: event.id } },
    );
  }
  const { schemaVersion, time, previousHash } = metadata;
  return {
    ...{ id: event.id, type: event.type, schemaVersion, data: event.data as JsonObject, metadata: envelopeMetadata(metadata) },
    ...{ contentType: 'application/json', stream, revision: Number(event.revision), position: Number(event.position.prepare) },
    ...{ time, previousHash },
  };
}
