import { chainHash, streamCategory, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { checkExpectedRevision, checkRepeat, type PreparedAppend } from '../append-rules.js';
import type { AppendResult } from '../event-store.port.js';
import type { EventKinds } from './event-kinds.js';
import type { EventRows } from './event-rows.js';
import type { EventReader } from './event-reader.js';
import { RecentCache } from './recent-cache.js';

/** Streams whose end is kept in memory, so that an append to one of them reads nothing. About 300 bytes each. */
const HOT_STREAMS = 20_000;

/** An event with what handing it to subscribers needs. */
export interface CommittedEvent {
  readonly event: RecordedEvent;
  readonly kindId: number;
  readonly bytes: number;
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
 * Applies appends inside a transaction that its caller begins and commits. Whatever it refuses, it refuses before it writes, so a
 * refusal leaves nothing to undo. After a rollback its memory is wrong; the store then takes no more writes.
 */
export class EventWriter {
  private readonly streams = new RecentCache<StreamEnd>(HOT_STREAMS);
  private readonly insertEvent: StatementSync;
  private readonly insertStream: StatementSync;
  private readonly findStream: StatementSync;
  private readonly findId: StatementSync;
  private position: number;
  private nextStreamId: number;
  private greatestId: string;
  private written: CommittedEvent[] = [];

  constructor(
    database: DatabaseSync,
    private readonly kinds: EventKinds,
    private readonly rows: EventRows,
    private readonly reader: EventReader,
    private readonly now: () => number,
  ) {
    this.insertEvent = database.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.insertStream = database.prepare('INSERT INTO streams (id, name) VALUES (?, ?)');
    this.findStream = database.prepare('SELECT id FROM streams WHERE name = ?');
    this.findId = database.prepare('SELECT revision FROM events WHERE event_id = ? AND stream_id = ?');
    const ends = database.prepare(
      'SELECT (SELECT max(position) FROM events) AS position, (SELECT max(id) FROM streams) AS stream, (SELECT max(event_id) FROM events) AS id',
    );
    const { position, stream, id } = ends.get() as { position: number | null; stream: number | null; id: string | null };
    this.position = position ?? -1;
    this.nextStreamId = (stream ?? 0) + 1;
    this.greatestId = id ?? '';
  }

  /** Position of the last event written, committed or not. */
  get head(): number {
    return this.position;
  }

  /** What was written since the last call, in order of position. */
  takeWritten(): readonly CommittedEvent[] {
    const written = this.written;
    this.written = [];
    return written;
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

  private write(append: PreparedAppend, end: StreamEnd): AppendResult {
    const { stream } = append;
    const timeMs = this.now();
    const time = this.rows.timeText(timeMs);
    const events: RecordedEvent[] = [];
    for (let index = 0; index < append.events.length; index++) {
      const event = append.events[index] as NewEvent;
      const { id, type, schemaVersion } = event;
      const data = append.data[index] ?? '';
      const metadata = append.metadata[index] ?? '';
      const position = ++this.position;
      const revision = ++end.revision;
      const previousHash = end.hash;
      const kindId = this.kinds.idIn(end.types, end.category, type);
      this.insertEvent.run(position, end.id, revision, kindId, id, schemaVersion, timeMs, previousHash, data, metadata);
      end.hash = chainHash({ stream, revision, id, type, schemaVersion, time, previousHash, data, metadata });
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
    if (end.greatestId > this.greatestId) this.greatestId = end.greatestId;
    return { revision: end.revision, position: this.position, events };
  }

  /** The result of the earlier append that this one repeats, or null when its ids are all new to the stream. */
  private findRepeat(append: PreparedAppend, end: StreamEnd): AppendResult | null {
    const first = append.events[0]?.id ?? '';
    if (append.ascending && first > end.greatestId) return null;
    const revisions = append.events
      .map(({ id }) => (id > end.greatestId ? undefined : this.findId.get(id, end.id)))
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
    const last = this.reader.lastRow(stream);
    const end = this.newEnd(row['id'] as number, stream, last?.[2] ?? -1, last === null ? null : this.rows.hash(last));
    // No id anywhere is greater, so none in this stream is.
    end.greatestId = this.greatestId;
    return end;
  }

  private createStream(stream: string): StreamEnd {
    const id = this.nextStreamId++;
    this.insertStream.run(id, stream);
    return this.newEnd(id, stream, -1, null);
  }

  private newEnd(id: number, stream: string, revision: number, hash: string | null): StreamEnd {
    const category = streamCategory(stream);
    const end: StreamEnd = { id, category, types: this.kinds.typesOf(category), revision, hash, greatestId: '' };
    this.streams.set(stream, end);
    return end;
  }
}
