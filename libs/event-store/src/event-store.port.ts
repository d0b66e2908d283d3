import type { JsonObject, JsonValue, NewEvent, RecordedEvent } from '@tutti/kernel';

/** One append is at most this many bytes of data and metadata together; larger values belong into blobs. */
export const MAX_APPEND_BYTES = 512 * 1024;

/** A revision the stream must be at, `no-stream` when it must not exist yet, `any` when it does not matter. */
export type ExpectedRevision = number | 'no-stream' | 'any';

export interface AppendResult {
  /** Revision of the last event of this append. */
  readonly revision: number;
  /** Position of the last event of this append. */
  readonly position: number;
  /** As recorded, in order. */
  readonly events: readonly RecordedEvent[];
}

export interface ReadOptions {
  readonly direction?: 'forwards' | 'backwards';
  /** First revision (streams) or position (all) to give, inclusive. Default: the start, or the end when backwards. */
  readonly from?: number;
  /** Most events to give. Default: no limit. */
  readonly limit?: number;
}

/** Both parts must match where both are given; `{}` matches everything, an empty list nothing. */
export interface EventFilter {
  /** Stream categories: `run` matches `run-…`. */
  readonly categories?: readonly string[];
  readonly types?: readonly string[];
}

export interface SubscribeOptions {
  /** Gives events after this position; -1 for all. */
  readonly after: number;
  readonly filter?: EventFilter;
  /** Most events in one batch. Default 1,000. */
  readonly maxBatch?: number;
  /**
   * Called with batches in order of position, one at a time: the next waits for the promise. `head` is a position up to which
   * nothing more will come (past the last event when the rest did not match), so a checkpoint may be set to it; a batch without
   * events only moves it. A rejection ends the subscription.
   */
  readonly onBatch: (events: readonly RecordedEvent[], head: number) => Promise<void> | void;
}

export interface EventSubscription {
  /** Settles when the subscription has ended: resolves after `close` of it or of the store, rejects with what `onBatch` or the store threw. */
  readonly ended: Promise<void>;
  /** Stops; resolves when no batch is being handled any more, so `onBatch` must not wait for it. */
  close(): Promise<void>;
}

export interface Snapshot {
  /** The state holds every event of the stream up to this revision. */
  readonly revision: number;
  /** Version of the state's shape; a reader that knows another one ignores the snapshot. */
  readonly schemaVersion: number;
  readonly state: JsonValue;
}

/**
 * Streams of events with optimistic concurrency.
 *
 * Guarantees: an append is atomic, and durable (fsynced) before it is answered. Positions grow in the order in which events become visible: a
 * reader that has seen position p never later sees a new event at or below p. Revisions of a stream have no gaps. Every
 * event carries the hash of the one before it in its stream. A read that cannot go on (the store was closed) throws; it never
 * ends as though it had been complete.
 *
 * Events may be shared between readers, so nobody changes one.
 *
 * Not promised: positions without gaps; snapshots that outlive a rebuild; order of appends to different streams by call time.
 */
export interface EventStore {
  /**
   * Appends all events or none.
   *
   * Repeating an append (same ids, same order, same stream) answers the first one's result, whatever the stream's revision is
   * now and whatever `expected` is.
   *
   * @throws TuttiError REVISION_CONFLICT (details: `{stream, expected, actual}`; actual -1 when there is no stream) ·
   * IDEMPOTENCY_CONFLICT when only some of the ids, or other events (type, version or data) under the same ids, are in the stream, or one id is
   * given twice · INVALID_REQUEST without events or stream · PAYLOAD_TOO_LARGE over {@link MAX_APPEND_BYTES} · DISK_FULL below the floor of free space, nothing written · STORE_UNAVAILABLE after a failed
   * commit · SHUTTING_DOWN once closed · OVERLOADED when too much waits to be written
   */
  append<Data extends JsonObject>(stream: string, events: readonly NewEvent<Data>[], expected: ExpectedRevision): Promise<AppendResult>;
  /** Events of one stream; nothing when it does not exist. */
  readStream(stream: string, options?: ReadOptions): AsyncIterable<RecordedEvent>;
  /** Events of all streams in order of position. */
  readAll(options?: ReadOptions & { readonly filter?: EventFilter }): AsyncIterable<RecordedEvent>;
  /** Catches up from a position, then follows. Never skips, never repeats within one subscription. */
  subscribe(options: SubscribeOptions): EventSubscription;
  /** Position of the last event, -1 when empty. */
  head(): Promise<number>;
  loadSnapshot(stream: string): Promise<Snapshot | null>;
  /** Replaces the stream's snapshot if this one is newer; lost snapshots only cost time. */
  saveSnapshot(stream: string, snapshot: Snapshot): Promise<void>;
}
