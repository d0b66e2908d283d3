import type { RecordedEvent as ServerEvent } from '@eventstore/db-client';
import { TuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { envelopeMetadata, parseWireMetadata } from './wire-event.js';

const SNAPSHOT_CATEGORY = 'tutti.snapshots';

/** Where the snapshot of a stream is kept. */
export function snapshotStream(stream: string): string {
  return `${SNAPSHOT_CATEGORY}-${stream}`;
}

/** Streams of the server itself, and those that no reader of Tutti's log is to see. */
export function isHidden(stream: string): boolean {
  return stream.startsWith('$') || stream.startsWith(`${SNAPSHOT_CATEGORY}-`);
}

/** @throws TuttiError DATA_DAMAGED for an event that was not written by Tutti */
export function recordedEvent(event: ServerEvent): RecordedEvent {
  const metadata = parseWireMetadata(event.metadata);
  if (metadata === null || !event.isJson || event.position === undefined) {
    throw new TuttiError(
      'DATA_DAMAGED',
      `event ${event.id} of stream ${event.streamId} was not written by Tutti: it has no envelope in its metadata`,
      {
        details: { stream: event.streamId, revision: Number(event.revision), id: event.id },
      },
    );
  }
  const { schemaVersion, time, previousHash } = metadata;
  return {
    ...{ id: event.id, type: event.type, schemaVersion, data: event.data as JsonObject, metadata: envelopeMetadata(metadata) },
    ...{
      contentType: 'application/json',
      stream: event.streamId,
      revision: Number(event.revision),
      position: Number(event.position.prepare),
    },
    ...{ time, previousHash },
  };
}
