import { TuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import type { Projection } from './projection.js';

/** A document in memory, changed in place by each event. */
export interface FoldedDocument<Doc extends JsonObject> {
  /** Null where there is none. */
  document: Doc | null;
  /** Position of the last event folded in; -1 for none. */
  position: number;
  /** Whether the read model holds a document under this key. */
  stored: boolean;
}

export interface TouchingEvent {
  readonly event: RecordedEvent;
  readonly keys: readonly string[];
}

/** An event that the projection's own code throws on: no repetition will get past it. */
export class PoisonEventError extends TuttiError {
  readonly event: RecordedEvent;

  constructor({ name, version }: { readonly name: string; readonly version: number }, event: RecordedEvent, cause: unknown) {
    const { id, type, stream, revision, position } = event;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `projection ${name} v${version} stopped: it cannot fold ${type} (${id}) at position ${position}, revision ${revision} of ${stream}: ${reason}`;
    super('INTERNAL', message, { cause, details: { projection: name, version, position, type, stream, revision, eventId: id } });
    this.event = event;
  }
}

/** @throws PoisonEventError for the first event whose keys cannot be told. */
export function touchedKeys<Doc extends JsonObject>(
  projection: Projection<Doc>,
  events: readonly RecordedEvent[],
): readonly TouchingEvent[] {
  return events.map((event) => {
    try {
      return { event, keys: projection.keys(event) };
    } catch (cause) {
      throw new PoisonEventError(projection, event, cause);
    }
  });
}

/**
 * Applies the events to the documents that have not got them yet, in place, and says which keys changed. Keys without document start with none.
 *
 * @throws PoisonEventError for the first event that `evolve` throws on; the documents may then hold a part of it and are of no more use.
 */
export function foldEvents<Doc extends JsonObject>(
  projection: Projection<Doc>,
  events: readonly TouchingEvent[],
  documents: Map<string, FoldedDocument<Doc>>,
): ReadonlySet<string> {
  const changed = new Set<string>();
  for (const { event, keys } of events) {
    for (const key of keys) {
      let folded = documents.get(key);
      if (folded === undefined) documents.set(key, (folded = { document: null, position: -1, stored: false }));
      if (event.position <= folded.position) continue;
      try {
        folded.document = projection.evolve(folded.document, event, key);
      } catch (cause) {
        throw new PoisonEventError(projection, event, cause);
      }
      folded.position = event.position;
      changed.add(key);
    }
  }
  return changed;
}
