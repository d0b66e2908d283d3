import { ANY, jsonEvent } from '@eventstore/db-client';
import type { JsonValue } from '@tutti/kernel';
import type { Snapshot } from '../event-store.port.js';
import { readStreamRequest } from './read-requests.js';
import type { ServerConnection } from './server-connection.js';

/** Of an event that the server takes, with room for its envelope; a snapshot that is larger is not kept. */
const MAX_SNAPSHOT_BYTES = 900 * 1024;

/** A snapshot is the last event of a stream beside the stream; the server lets go of those before it. */
export class ServerSnapshots {
  constructor(private readonly connection: ServerConnection) {}

  async load(stream: string): Promise<Snapshot | null> {
    let found: Snapshot | null = null;
    await this.connection.page(readStreamRequest(stream, 'end', { backwards: true, count: 1 }), (answer) => {
      if (answer.kind !== 'event') return;
      const kept = JSON.parse(Buffer.from(answer.event.data).toString('utf8')) as Snapshot & { readonly state: JsonValue };
      found = { revision: kept.revision, schemaVersion: kept.schemaVersion, state: kept.state };
    });
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
