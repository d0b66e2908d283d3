import { sha256Hex, TuttiError, type JsonObject, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import { checkExpectedRevision, prepareAppend, type PreparedAppend } from '../../append-rules.js';
import { MAX_APPEND_BYTES, type AppendResult, type ExpectedRevision } from '../../event-store.port.js';
import { MemoryEventStore, result } from '../../in-memory/in-memory-event-store.js';
import { rejectedBy, type FaultyEventStore } from './faulty-event-store.js';

class LosesMetadata extends MemoryEventStore {
  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    return super.record(append, existing).map((event) => ({ ...event, metadata: { ...event.metadata, causationId: null } }));
  }
}

class SortsKeys extends MemoryEventStore {
  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    const sorted = (data: JsonObject) => Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
    return super.record(append, existing).map((event) => ({ ...event, data: sorted(event.data) }));
  }
}

class GapsInRevisions extends MemoryEventStore {
  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    return super.record(append, existing).map((event) => ({ ...event, revision: event.revision + (existing.length > 0 ? 1 : 0) }));
  }
}

class ForgetsExpectedRevision extends MemoryEventStore {
  protected override checkExpected(): void {}
}

class TakesLaterRevisions extends MemoryEventStore {
  protected override checkExpected({ stream, expected }: PreparedAppend, actual: number): void {
    if (typeof expected !== 'number' || expected > actual) checkExpectedRevision(stream, expected, actual);
  }
}

class WritesBeforeRefusing extends MemoryEventStore {
  protected override checkExpected(append: PreparedAppend, actual: number): void {
    if (append.expected === 2) this.log.events.push(...this.record(append, this.streamEvents(append.stream)));
    super.checkExpected(append, actual);
  }
}

class ChecksRevisionTooEarly extends MemoryEventStore {
  override async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    checkExpectedRevision(stream, expected, this.streamEvents(stream).length - 1);
    return super.append(stream, events, 'any');
  }
}

class AnyMeansNoStream extends MemoryEventStore {
  protected override checkExpected({ stream, expected }: PreparedAppend, actual: number): void {
    checkExpectedRevision(stream, expected === 'any' ? 'no-stream' : expected, actual);
  }
}

class RefusalFailsItsBatch extends MemoryEventStore {
  private poisoned = false;

  protected override apply(append: PreparedAppend): Promise<AppendResult> | AppendResult {
    if (this.poisoned) throw new TuttiError('STORE_UNAVAILABLE', 'another append of the batch was refused');
    try {
      return super.apply(append);
    } catch (error) {
      this.poisoned = true;
      this.runtime.timers.soon(() => (this.poisoned = false));
      throw error;
    }
  }
}

/** Checks each event by itself, which is what the limit must not be. */
class LimitsEachEvent extends MemoryEventStore {
  protected override prepare(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
    const parts = events.map((event) => prepareAppend(stream, [event], expected));
    const text = (kind: 'data' | 'metadata') => parts.map((part) => part[kind][0] ?? '');
    return { stream, events, expected, data: text('data'), metadata: text('metadata'), bytes: 0, ascending: false };
  }
}

function unchecked(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
  const data = events.map((event) => JSON.stringify(event.data));
  const metadata = events.map((event) => JSON.stringify(event.metadata));
  return { stream, events, expected, data, metadata, bytes: 0, ascending: false };
}

class NoSizeLimit extends MemoryEventStore {
  protected override prepare(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
    return unchecked(stream, events, expected);
  }
}

class CountsCharacters extends MemoryEventStore {
  protected override prepare(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
    const append = unchecked(stream, events, expected);
    const characters = [...append.data, ...append.metadata].join('').length;
    return characters <= MAX_APPEND_BYTES ? append : prepareAppend(stream, events, expected);
  }
}

class RefusesTheLargest extends MemoryEventStore {
  protected override prepare(stream: string, events: readonly NewEvent[], expected: ExpectedRevision): PreparedAppend {
    const append = prepareAppend(stream, events, expected);
    if (append.bytes >= MAX_APPEND_BYTES) throw new TuttiError('PAYLOAD_TOO_LARGE', 'the limit itself is refused');
    return append;
  }
}

class TakesEmptyAppends extends MemoryEventStore {
  override async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    return events.length === 0 ? result([]) : super.append(stream, events, expected);
  }
}

class TakesNamelessStreams extends MemoryEventStore {
  override async append<Data extends JsonObject>(
    stream: string,
    events: readonly NewEvent<Data>[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    return super.append(stream === '' ? 'nameless' : stream, events, expected);
  }
}

class BrokenHashChain extends MemoryEventStore {
  protected override link(previous: RecordedEvent | undefined): string | null {
    return previous === undefined ? null : sha256Hex(JSON.stringify(previous.data));
  }
}

class ChainsAcrossStreams extends MemoryEventStore {
  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    const previousHash = this.link(this.log.events.at(-1));
    return super.record(append, existing).map((event, index) => (index === 0 ? { ...event, previousHash } : event));
  }
}

class PositionsOutOfOrder extends MemoryEventStore {
  protected override nextPosition(): number {
    return 1_000_000 - this.log.events.length * 10;
  }
}

class PositionsPerStream extends MemoryEventStore {
  protected override record(append: PreparedAppend, existing: readonly RecordedEvent[]): RecordedEvent[] {
    return super.record(append, existing).map((event) => ({ ...event, position: event.revision }));
  }
}

class HeadLags extends MemoryEventStore {
  override async head(): Promise<number> {
    return this.log.events.at(-2)?.position ?? -1;
  }
}

export const faultyAppends: readonly FaultyEventStore[] = [
  ...rejectedBy('answers an append with its events as recorded, and reads them back the same', {
    'loses-metadata': LosesMetadata,
    'sorts-keys': SortsKeys,
  }),
  ...rejectedBy('counts revisions from 0 without gaps, across appends and streams', { 'gaps-in-revisions': GapsInRevisions }),
  ...rejectedBy('refuses an append at another revision than expected, says both, and writes nothing', {
    'forgets-expected-revision': ForgetsExpectedRevision,
    'takes-later-revisions': TakesLaterRevisions,
    'writes-before-refusing': WritesBeforeRefusing,
  }),
  ...rejectedBy('lets exactly one of several concurrent appends at the same revision win', {
    'checks-revision-too-early': ChecksRevisionTooEarly,
  }),
  ...rejectedBy('appends to a stream at whatever revision when any is expected', { 'any-means-no-stream': AnyMeansNoStream }),
  ...rejectedBy('does not let a refused append harm the others in flight with it', { 'refusal-fails-its-batch': RefusalFailsItsBatch }),
  ...rejectedBy('takes exactly the largest append and refuses one byte more, counted in UTF-8 over all its events', {
    'no-size-limit': NoSizeLimit,
    'limits-each-event': LimitsEachEvent,
    'counts-characters': CountsCharacters,
    'refuses-the-largest': RefusesTheLargest,
  }),
  ...rejectedBy('refuses an append without events or without a stream', {
    'takes-empty-appends': TakesEmptyAppends,
    'takes-nameless-streams': TakesNamelessStreams,
  }),
  ...rejectedBy('chains each event of a stream to the one before it', {
    'broken-hash-chain': BrokenHashChain,
    'chains-across-streams': ChainsAcrossStreams,
  }),
  ...rejectedBy('gives positions that grow in the order of appends, and the last of them as head', {
    'positions-out-of-order': PositionsOutOfOrder,
    'positions-per-stream': PositionsPerStream,
    'head-lags': HeadLags,
  }),
];
