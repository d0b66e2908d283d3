import { chainHash, streamCategory, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checkExpectedRevision, checkRepeat, type PreparedAppend } from '../append-rules.js';
import type { AppendResult, Snapshot } from '../event-store.port.js';
import type { EventKinds } from './event-kinds.js';
import type { EventReader } from './event-reader.js';
import { checksumOf, type EventRows } from './event-rows.js';
import { RecentCache } from './recent-cache.js';
import { emptyRowBatch, type RowBatch } from './row-batch.js';

/** Streams whose end is kept in memory, so that an append to one of them reads nothing. About 300 bytes each. */
const HOT_STREAMS = 20_000;

/** An event with what handing it to subscribers needs. */
export interface CommittedEvent {
  readonly event: RecordedEvent;
  readonly kindId: number;
  readonly bytes: number;
}

/** What appends have made: rows to insert, and the events to show once they are durable. */
export interface WrittenEvents {
  readonly committed: readonly CommittedEvent[];
  /** Position of the last event. */
  readonly head: number;
}

interface StreamEnd {
  readonly id: number;
  readonly category: string;
  readonly types: ReadonlyMap<string, number>;
  revision: number;
  /** {@link chainHash} of the last event. */
  hash: string | null;
  /** No id in the stream is greater: a greater one is new without looking. */
  greatestId: string;
}

/**
 * Turns appends into rows, from what it remembers of the ends of streams, durable or not. Whatever it refuses, it refuses before it has made a row.
 * When rows are not committed its memory is wrong; the store then takes no more writes.
 */
export class EventWriter {
  private readonly streams = new RecentCache<StreamEnd>(HOT_STREAMS);
  private readonly findStream: StatementSync;
  private readonly findId: StatementSync;
  private readonly greatestIdOf: StatementSync;
  private position: number;
  private nextStreamId: number;
  private rows = emptyRowBatch();
  private written: CommittedEvent[] = [];

  constructor(
    database: DatabaseSync,
    private readonly kinds: EventKinds,
    private readonly texts: EventRows,
    private readonly reader: EventReader,
    private readonly now: () => number,
  ) {
    this.findStream = database.prepare('SELECT id FROM streams WHERE name = ?');
    this.findId = database.prepare('SELECT revision FROM events WHERE stream_id = ? AND event_id = ?');
    this.greatestIdOf = database.prepare('SELECT max(event_id) AS id FROM events WHERE stream_id = ?');
    const ends = database.prepare('SELECT (SELECT max(position) FROM events) AS position, (SELECT max(id) FROM streams) AS stream');
    const { position, stream } = ends.get() as { position: number | null; stream: number | null };
    this.position = position ?? -1;
    this.nextStreamId = (stream ?? 0) + 1;
  }

  /** Position of the last event written, committed or not. */
  get head(): number {
    return this.position;
  }

  /** What was made since the last call, in order of position. */
  take(): { readonly rows: RowBatch; readonly made: WrittenEvents } {
    const { rows, written } = this;
    this.rows = emptyRowBatch();
    this.written = [];
    return { rows, made: { committed: written, head: this.position } };
  }

  /** Whether {@link append} may look into the file for events of the stream that it has made itself. */
  mayRepeat({ stream, events, ascending }: PreparedAppend): boolean {
    const end = this.streams.get(stream);
    return end !== undefined && !(ascending && (events[0]?.id ?? '') > end.greatestId);
  }

  append(append: PreparedAppend): AppendResult {
    let end = this.streamEnd(append.stream);
    if (end !== null) {
      const repeated = this.findRepeat(append, end);
      if (repeated !== null) return repeated;
    }
    checkExpectedRevision(append.stream, append.expected, end?.revision ?? -1);
    end ??= this.createStream(append.stream);
    return this.write(append, end);
  }

  saveSnapshot(stream: string, { revision, schemaVersion }: Snapshot, state: string): void {
    this.rows.snapshots.push(stream, revision, schemaVersion, state);
  }

  private write(append: PreparedAppend, end: StreamEnd): AppendResult {
    const { stream } = append;
    const timeMs = this.now();
    const time = this.texts.timeText(timeMs);
    const events: RecordedEvent[] = [];
    for (let index = 0; index < append.events.length; index++) {
      const event = append.events[index] as NewEvent;
      const { id, type, schemaVersion } = event;
      const data = append.data[index] ?? '';
      const metadata = append.metadata[index] ?? '';
      const position = ++this.position;
      const revision = ++end.revision;
      const previousHash = end.hash;
      const kindId = this.kinds.idIn(end.types, end.category, type, this.createKind);
      end.hash = chainHash({ stream, revision, id, type, schemaVersion, time, previousHash, data, metadata });
      this.rows.events.push(
        position,
        end.id,
        revision,
        kindId,
        id,
        schemaVersion,
        timeMs,
        previousHash,
        data,
        index > 0 && metadata === append.metadata[index - 1] ? null : metadata,
        checksumOf(end.hash),
      );
      if (id > end.greatestId) end.greatestId = id;
      const recorded: RecordedEvent = {
        id,
        type,
        schemaVersion,
        data: event.data,
        metadata: event.metadata,
        contentType: 'application/json',
        stream,
        revision,
        position,
        time,
        previousHash,
      };
      events.push(recorded);
      this.written.push({ event: recorded, kindId, bytes: data.length + metadata.length });
    }
    return { revision: end.revision, position: this.position, events };
  }

  /** The result of the earlier append that this one repeats, or null when its ids are all new to the stream. */
  private findRepeat(append: PreparedAppend, end: StreamEnd): AppendResult | null {
    const first = append.events[0]?.id ?? '';
    if (append.ascending && first > end.greatestId) return null;
    const revisions = append.events
      .map(({ id }) => (id > end.greatestId ? undefined : this.findId.get(end.id, id)))
      .filter((row) => row !== undefined)
      .map((row) => row['revision'] as number);
    if (revisions.length === 0) return null;
    const events = revisions.flatMap((revision) => this.reader.streamPage(append.stream, { from: revision, limit: 1 }).events);
    checkRepeat(append, events);
    const last = events[events.length - 1] as RecordedEvent;
    return { revision: last.revision, position: last.position, events };
  }

  private streamEnd(stream: string): StreamEnd | null {
    const cached = this.streams.get(stream);
    if (cached !== undefined) return cached;
    const row = this.findStream.get(stream);
    if (row === undefined) return null;
    const id = row['id'] as number;
    const last = this.reader.lastRow(stream);
    const end = this.newEnd(id, stream, last?.[2] ?? -1, last === null ? null : this.texts.hash(last));
    end.greatestId = (this.greatestIdOf.get(id)?.['id'] as string | null | undefined) ?? '';
    return end;
  }

  private createStream(stream: string): StreamEnd {
    const id = this.nextStreamId++;
    this.rows.streams.push(id, stream);
    return this.newEnd(id, stream, -1, null);
  }

  private readonly createKind = (id: number, category: string, type: string): void => {
    this.rows.kinds.push(id, category, type);
  };

  private newEnd(id: number, stream: string, revision: number, hash: string | null): StreamEnd {
    const category = streamCategory(stream);
    const end: StreamEnd = { id, category, types: this.kinds.typesOf(category), revision, hash, greatestId: '' };
    this.streams.set(stream, end);
    return end;
  }
}
