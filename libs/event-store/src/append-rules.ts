import { canonicalJson, TuttiError, type JsonObject, type JsonValue, type NewEvent, type RecordedEvent } from '@tutti/kernel';
import { MAX_APPEND_BYTES, type ExpectedRevision } from './event-store.port.js';

/** The most bytes one UTF-16 code unit takes in UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** An append that passed every check that needs no store, with its values as the texts that are stored, hashed and measured. */
export interface PreparedAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly NewEvent[];
  /** One text per event. */
  readonly data: readonly string[];
  readonly metadata: readonly string[];
  /** Size of the texts, for bounding queues: counted exactly only near the limit, else in UTF-16 code units. */
  readonly bytes: number;
  /** Ids grow from event to event, as those of one UUIDv7 source do. */
  readonly ascending: boolean;
}

/** The checks that all adapters share. @throws TuttiError INVALID_REQUEST, PAYLOAD_TOO_LARGE, IDEMPOTENCY_CONFLICT */
export function prepareAppend(
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision,
  maxBytes: number = MAX_APPEND_BYTES,
): PreparedAppend {
  if (stream === '') throw new TuttiError('INVALID_REQUEST', 'cannot append to a stream without a name');
  if (events.length === 0) throw new TuttiError('INVALID_REQUEST', `cannot append nothing to stream ${stream}`);
  const data: string[] = [];
  const metadata: string[] = [];
  let units = 0;
  let ascending = true;
  let previous: NewEvent | undefined;
  for (const event of events) {
    const dataText = JSON.stringify(event.data);
    // One request's events mostly share one metadata object.
    const metadataText = previous?.metadata === event.metadata ? (metadata.at(-1) ?? '') : JSON.stringify(event.metadata);
    data.push(dataText);
    metadata.push(metadataText);
    units += dataText.length + metadataText.length;
    if (previous !== undefined && event.id <= previous.id) ascending = false;
    previous = event;
  }
  if (!ascending) refuseDoubleIds(stream, events);
  return { stream, expected, events, data, metadata, bytes: checkSize(stream, units, data, metadata, maxBytes), ascending };
}

/** @param actual the stream's revision, -1 when it does not exist. @throws TuttiError REVISION_CONFLICT */
export function checkExpectedRevision(stream: string, expected: ExpectedRevision, actual: number): void {
  if (expected === 'any' || expected === actual || (expected === 'no-stream' && actual === -1)) return;
  const found = actual === -1 ? 'does not exist' : `is at revision ${actual}`;
  const wanted = expected === 'no-stream' ? 'no stream' : `revision ${expected}`;
  throw new TuttiError('REVISION_CONFLICT', `stream ${stream} ${found}; expected ${wanted}`, { details: { stream, expected, actual } });
}

/**
 * Whether the recorded events are what a repeated append asks for: every id, in its order, without others between, and the same
 * content. Metadata may differ: a retry has a trace of its own.
 *
 * @throws TuttiError IDEMPOTENCY_CONFLICT when they are not
 */
export function checkRepeat(append: PreparedAppend, recorded: readonly RecordedEvent[]): void {
  const fail = (found: string): never => {
    throw new TuttiError('IDEMPOTENCY_CONFLICT', `append to stream ${append.stream} repeats ids of an earlier one, but ${found}`, {
      details: { stream: append.stream, ids: append.events.map((event) => event.id) },
    });
  };
  if (recorded.length !== append.events.length) fail(`only ${recorded.length} of its ${append.events.length} events are in the stream`);
  for (const [index, event] of append.events.entries()) {
    const found = recorded[index];
    if (found?.id !== event.id || found.revision !== (recorded[0]?.revision ?? 0) + index)
      return fail(`event ${event.id} stands elsewhere`);
    const same = found.type === event.type && found.schemaVersion === event.schemaVersion && sameJson(found.data, append.data[index] ?? '');
    if (!same) fail(`event ${event.id} is another one`);
  }
}

function refuseDoubleIds(stream: string, events: readonly NewEvent[]): void {
  const seen = new Set<string>();
  for (const { id } of events) {
    if (seen.has(id))
      throw new TuttiError('IDEMPOTENCY_CONFLICT', `append to stream ${stream} gives the id ${id} twice`, {
        details: { stream, ids: [id] },
      });
    seen.add(id);
  }
}

function checkSize(stream: string, units: number, data: readonly string[], metadata: readonly string[], limit: number): number {
  if (units * MAX_BYTES_PER_UNIT <= limit) return units;
  const bytes = totalBytes(data) + totalBytes(metadata);
  if (bytes <= limit) return bytes;
  throw new TuttiError('PAYLOAD_TOO_LARGE', `append to stream ${stream} has ${bytes} bytes; at most ${limit} are taken`, {
    details: { stream, bytes, limit },
  });
}

function totalBytes(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function sameJson(found: JsonObject, text: string): boolean {
  return JSON.stringify(found) === text || canonicalJson(found) === canonicalJson(JSON.parse(text) as JsonValue);
}
