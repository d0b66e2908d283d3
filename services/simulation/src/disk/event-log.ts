import {
  checkExpectedRevision,
  checkRepeat,
  eventMatcher,
  type AppendResult,
  type EventFilter,
  type PreparedAppend,
  type ReadOptions,
  type Snapshot,
} from '@tutti/event-store';
import { chainHash, isoTime, type JsonObject, type RecordedEvent } from '@tutti/kernel';

interface Stream {
  readonly events: RecordedEvent[];
  readonly ids: Map<string, number>;
  lastHash: string | null;
}

/** What has reached the disk: all of it, and nothing else, is there after a crash. */
export class EventLog {
  readonly events: RecordedEvent[] = [];
  readonly snapshots = new Map<string, Snapshot>();
  private readonly streams = new Map<string, Stream>();

  get head(): number {
    return this.events.length - 1;
  }

  /** @throws TuttiError REVISION_CONFLICT, IDEMPOTENCY_CONFLICT */
  apply(append: PreparedAppend, nowMs: number): AppendResult {
    const stream = this.streams.get(append.stream);
    const repeated = stream === undefined ? null : this.repeated(append, stream);
    if (repeated !== null) return resultOf(repeated);
    checkExpectedRevision(append.stream, append.expected, (stream?.events.length ?? 0) - 1);
    return resultOf(this.record(append, stream ?? this.created(append.stream), isoTime(nowMs)));
  }

  stream(name: string): readonly RecordedEvent[] {
    return this.streams.get(name)?.events ?? [];
  }

  streamNames(): readonly string[] {
    return [...this.streams.keys()];
  }

  private created(name: string): Stream {
    const stream: Stream = { events: [], ids: new Map(), lastHash: null };
    this.streams.set(name, stream);
    return stream;
  }

  private repeated(append: PreparedAppend, stream: Stream): readonly RecordedEvent[] | null {
    const found = append.events.flatMap(({ id }) => {
      const revision = stream.ids.get(id);
      return revision === undefined ? [] : [stream.events[revision] as RecordedEvent];
    });
    if (found.length === 0) return null;
    checkRepeat(append, found);
    return found;
  }

  private record(append: PreparedAppend, stream: Stream, time: string): readonly RecordedEvent[] {
    return append.events.map(({ id, type, schemaVersion }, index) => {
      const data = append.data[index] ?? '';
      const metadata = append.metadata[index] ?? '';
      const revision = stream.events.length;
      const previousHash = stream.lastHash;
      const recorded: RecordedEvent = {
        ...{ id, type, schemaVersion, contentType: 'application/json', stream: append.stream, revision },
        // From the stored texts, so that nothing is shared with the caller.
        ...{ data: JSON.parse(data) as JsonObject, metadata: JSON.parse(metadata) as RecordedEvent['metadata'] },
        ...{ position: this.events.length, time, previousHash },
      };
      stream.lastHash = chainHash({ stream: append.stream, revision, id, type, schemaVersion, time, previousHash, data, metadata });
      stream.events.push(recorded);
      stream.ids.set(id, revision);
      this.events.push(recorded);
      return recorded;
    });
  }
}

/** @param events in order, each at the index that `from` counts in */
export function readPage(events: readonly RecordedEvent[], options: ReadOptions, filter?: EventFilter): readonly RecordedEvent[] {
  const { direction = 'forwards', from, limit } = options;
  const ordered = direction === 'backwards' ? events.slice(0, (from ?? events.length) + 1).reverse() : events.slice(from ?? 0);
  return (filter === undefined ? ordered : ordered.filter(eventMatcher(filter))).slice(0, limit);
}

function resultOf(events: readonly RecordedEvent[]): AppendResult {
  const last = events.at(-1);
  return { revision: last?.revision ?? -1, position: last?.position ?? -1, events };
}
