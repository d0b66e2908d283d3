import type { JsonObject, TuttiError } from '@tutti/kernel';
import type { ReadModel } from '../read-models.port.js';

export interface RunningProjection<Doc extends JsonObject = JsonObject> {
  /** This projection's version, live or not yet. Read it; only the runner writes. */
  readonly model: ReadModel<Doc>;
  /**
   * Settles when everything that was in the store at the start is folded, and this version is live. Rejects when the projection fails or is closed before.
   */
  readonly caughtUp: Promise<void>;
  /** Everything up to here is folded, and readable. */
  position(): number;
  /**
   * Resolves when this position is folded, for queries that must see a write. At once where it already is.
   * @param signal aborted when nobody waits for the answer any more
   * @throws TuttiError TIMED_OUT, also when the signal says so · SHUTTING_DOWN after `close` · what stopped the projection
   */
  waitFor(position: number, timeoutMs: number, signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when everything recorded before the call is folded, or when the time is over: what a query answers is then that much behind. Never rejects.
   */
  freshen(limitMs: number): Promise<void>;
  /** Positions between here and the head of the store; there may be fewer events. */
  lag(): Promise<number>;
  status(): ProjectionStatus;
  /** Stops after the step at hand. */
  close(): Promise<void>;
}

/** `position`: everything up to here is folded. */
export type ProjectionStatus =
  /** Folding what was in the store at the start. */
  | { readonly state: 'catching-up'; readonly position: number }
  /** Folding what comes. */
  | { readonly state: 'following'; readonly position: number }
  /** A port fails in a way that may pass; trying again. */
  | { readonly state: 'retrying'; readonly position: number; readonly error: TuttiError }
  /** Stopped for good. `failedAt` is the position of the event it cannot fold; null when it was something else. */
  | { readonly state: 'failed'; readonly position: number; readonly failedAt: number | null; readonly error: TuttiError }
  | { readonly state: 'closed'; readonly position: number };

export interface ProjectionLogger {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
