import { chainHash, isoTime, type EventMetadata, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import type { EventKinds } from './event-kinds.js';
import { damaged } from './sqlite-errors.js';

/** Columns that {@link EventRow} holds, for `events e` joined with `streams s`. */
export const EVENT_COLUMNS =
  'e.position, s.name, e.revision, e.kind_id, e.event_id, e.schema_version, e.time_ms, e.previous_hash, e.data, e.metadata';

export type EventRow = readonly [
  position: number,
  stream: string,
  revision: number,
  kindId: number,
  id: string,
  schemaVersion: number,
  timeMs: number,
  previousHash: string | null,
  data: string,
  metadata: string,
];

/** The first 48 bits of an event's own hash. The event after it carries all of it; this is for the newest one. */
export function checksumOf(hash: string): number {
  return Number.parseInt(hash.slice(0, 12), 16);
}

/** Turns stored rows into events; one per store, as it remembers the last time it wrote out. */
export class EventRows {
  private timeMs = -1;
  private time = '';
  private metadataText = '';
  private metadata = {} as EventMetadata;

  constructor(
    private readonly file: string,
    private readonly kinds: EventKinds,
  ) {}

  toEvent(row: EventRow): RecordedEvent {
    const [position, stream, revision, , id, schemaVersion, timeMs, previousHash, data, metadata] = row;
    return {
      id,
      type: this.type(row),
      schemaVersion,
      data: this.parse(data, row) as JsonObject,
      metadata: this.metadataOf(metadata, row),
      contentType: 'application/json',
      stream,
      revision,
      position,
      time: this.timeText(timeMs),
      previousHash,
    };
  }

  /** Link of the chain that the next event of the stream carries. */
  hash(row: EventRow): string {
    const [, stream, revision, , id, schemaVersion, timeMs, previousHash, data, metadata] = row;
    const time = this.timeText(timeMs);
    return chainHash({ stream, revision, id, type: this.type(row), schemaVersion, time, previousHash, data, metadata });
  }

  /** Events that are stored or read together mostly share their time. */
  timeText(timeMs: number): string {
    if (timeMs !== this.timeMs) {
      this.time = isoTime(timeMs);
      this.timeMs = timeMs;
    }
    return this.time;
  }

  private type(row: EventRow): string {
    const type = this.kinds.typeOf(row[3]);
    if (type === undefined) throw damaged(this.file, `event ${row[4]} at position ${row[0]} is of the unknown kind ${row[3]}`);
    return type;
  }

  /** The events of one append mostly share it. */
  private metadataOf(text: string, row: EventRow): EventMetadata {
    if (text !== this.metadataText) {
      this.metadata = this.parse(text, row) as EventMetadata;
      this.metadataText = text;
    }
    return this.metadata;
  }

  private parse(text: string, row: EventRow): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw damaged(this.file, `event ${row[4]} at position ${row[0]} is not readable JSON`, error);
    }
  }
}
