import { ANY, BACKWARDS, END, ErrorType, jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import type { Snapshot } from '../event-store.port.js';
import { isType } from './client-errors.js';

/** Of an event that the server takes, with room for its envelope; a snapshot that is larger is not kept. */
const MAX_SNAPSHOT_BYTES = 900 * 1024;

/** A snapshot is the last event of a stream beside the stream; the server lets go of those before it. */
export class ServerSnapshots {
  constructor(private readonly client: EventStoreDBClient) {}

  async load(stream: string): Promise<Snapshot | null> {
    let found: Snapshot | null = null;
    try {
      // Read to its end: the client does not let go of a read that is left early.
      for await (const { event } of this.client.readStream(stream, { fromRevision: END, direction: BACKWARDS, maxCount: 1 })) {
        const { revision, schemaVersion, state } = event?.data as unknown as Snapshot;
        found = { revision, schemaVersion, state: state };
      }
    } catch (error) {
      if (!isType(error, ErrorType.STREAM_NOT_FOUND)) throw error;
    }
    return found;
  }

  async save(stream: string, snapshot: Snapshot, id: string): Promise<void> {
    const kept = await this.load(stream);
    const ahead = kept === null ? 1 : snapshot.revision - kept.revision || snapshot.schemaVersion - kept.schemaVersion;
    if (ahead <= 0) return;
    if (Buffer.byteLength(JSON.stringify(snapshot.state)) > MAX_SNAPSHOT_BYTES) return;
    if (kept === null) await this.client.setStreamMetadata(stream, { maxCount: 1 });
    await this.client.appendToStream(stream, jsonEvent({ id, type: 'Snapshot', data: { ...snapshot } as never }), {
      expectedRevision: ANY,
    });
  }
}
