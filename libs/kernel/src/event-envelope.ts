import type { JsonObject } from './json.js';

/** What every event carries beside its data. Null means "does not apply", never "unknown". */
export interface EventMetadata {
  /** Ties together everything that one request set off. A run's id for all of a run's events. */
  readonly correlationId: string;
  /** Id of the event or command that led to this one. */
  readonly causationId: string | null;
  /** W3C Trace Context. */
  readonly traceparent: string | null;
  /** Who did it: `user:…`, `agent:…`, `service:…`, or `demo`. */
  readonly actor: string;
  readonly tenant: string;
  /** The person the data is about, whose key can be destroyed to forget them. */
  readonly subject: string | null;
  /** Key that `data` is encrypted under; null for plain data. */
  readonly keyId: string | null;
}

/** An event as its author hands it to the store. */
export interface NewEvent<Data extends JsonObject = JsonObject> {
  /** UUIDv7. Appending the same id to the same stream again changes nothing. */
  readonly id: string;
  /** Past tense with its noun, like `RunStarted`. */
  readonly type: string;
  /** Counts up from 1 with each incompatible change of `data`; old ones are lifted by upcasters when read. */
  readonly schemaVersion: number;
  readonly data: Data;
  readonly metadata: EventMetadata;
}

/** An event as the store gives it back. */
export interface RecordedEvent<Data extends JsonObject = JsonObject> extends NewEvent<Data> {
  readonly contentType: 'application/json';
  /** `category-id`; the category is what stands before the first hyphen. */
  readonly stream: string;
  /** 0 for a stream's first event, then without gaps. */
  readonly revision: number;
  /** Place in the whole store; grows, may have gaps. */
  readonly position: number;
  /** ISO 8601, UTC, milliseconds; when the store took it. */
  readonly time: string;
  /** {@link chainHash} of the previous event in the stream; null for the first. */
  readonly previousHash: string | null;
}

export const DEFAULT_TENANT = 'default';

/** The category of a stream: `run` of `run-0192…`. */
export function streamCategory(stream: string): string {
  const hyphen = stream.indexOf('-');
  return hyphen < 0 ? stream : stream.slice(0, hyphen);
}
