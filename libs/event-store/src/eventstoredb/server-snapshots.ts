import { ANY, BACKWARDS, END, ErrorType, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import type { JsonValue } from '@tutti/kernel';
import type { Snapshot } from '../event-store.port.js';
import { isType } from './client-errors.js';
import type { ServerConnection } from './server-connection.js';

/** Of an event that the server takes, with room for its envelope; a snapshot that is larger is not kept. */
const MAX_SNAPSHOT_BYTES = 900 * 1024;

/** A snapshot is the last event of a stream beside the stream; the server lets go of those before it. */
export class ServerSnapshots {
  constructor(private readonly connection: ServerConnection) {}

  async load(stream: string): Promise<Snapshot | null> {
    let found: Snapshot | null = null;
    try {
      await this.connection.page<ResolvedEvent>(
        (client) => client.readStream(stream, { fromRevision: END, direction: BACKWARDS, maxCount: 1 }),
        ({ event }) => {
          const { revision, schemaVersion, state } = event?.data as { revision: number; schemaVersion: number; state: JsonValue };
          found = { revision, schemaVersion, state };
        },
      );
    } catch (error) {
      if (!isType(error, ErrorType.STREAM_NOT_FOUND)) throw error;
    }
    return found;
  }

  /** Of two that save at once the later stands; it is newer than what was there for either, and a reader reads on behind it. */
  async save(stream: string, snapshot: Snapshot, id: string): Promise<void> {
    const kept = await this.load(stream);
    const ahead = kept === null ? 1 : snapshot.revision - kept.revision || snapshot.schemaVersion - kept.schemaVersion;
    if (ahead <= 0 || Buffer.byteLength(JSON.stringify(snapshot.state)) > MAX_SNAPSHOT_BYTES) return;
    const { client } = this.connection;
    // Before the first, so that there is never more than one for a reader to wonder about.
    if (kept === null) await this.connection.within(client.setStreamMetadata(stream, { maxCount: 1 }));
    const event = jsonEvent({ id, type: 'Snapshot', data: { ...snapshot } as never });
    await this.connection.within(client.appendToStream(stream, event, { expectedRevision: ANY }));
  }
}
