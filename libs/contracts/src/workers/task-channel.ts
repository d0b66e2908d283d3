import type { JsonValue } from '@tutti/kernel';
import type { AgentProfile } from '../events/agent-events.js';
import type { StoredValue } from '../events/shared-schemas.js';
import type { TaskInput } from '../messages/task-messages.js';

/** One attempt of one task of one run. */
export interface AttemptRef {
  readonly runId: string;
  readonly task: string;
  readonly attempt: number;
}

export function attemptKey({ runId, task, attempt }: AttemptRef): string {
  return `${runId}/${task}#${attempt}`;
}

/** What the owner says to a claim. Only `go` allows a side effect. */
export type ClaimAnswer =
  | ({ readonly verdict: 'go' } & TaskInput)
  /** It is finished. */
  | { readonly verdict: 'done' }
  /** A later attempt, a cancellation or the end of the run has taken its place. */
  | { readonly verdict: 'superseded' }
  /** Another worker holds it. */
  | { readonly verdict: 'elsewhere' };

export type AttemptOutcome =
  | { readonly outcome: 'succeeded'; readonly output: StoredValue; readonly durationMs: number }
  | {
      readonly outcome: 'failed';
      readonly error: { readonly code: string; readonly message: string; readonly details?: JsonValue; readonly retryable: boolean };
      readonly durationMs: number;
    };

/** Begins the name of a worker that lives in the owner's process, and ends with it. */
export const EMBEDDED_WORKER = 'embedded-';

export interface WorkerAnnouncement {
  /** Unique to one life of one worker process. See {@link EMBEDDED_WORKER}. */
  readonly worker: string;
  readonly pool: string;
  readonly agents: readonly AgentProfile[];
  /** Attempts it works on now, so that a new owner does not give them away. What the owner believes to be with it and is not here goes elsewhere. */
  readonly holding: readonly AttemptRef[];
  /** It finishes what it holds and takes nothing new. */
  readonly draining?: boolean;
}

export interface AnnouncementAnswer {
  /** The worker beats this often. When it has been silent for several times as long, what it holds goes elsewhere. */
  readonly beatMs: number;
  /** Of what it holds: other attempts have taken their place. Their results will not count. */
  readonly superseded: readonly AttemptRef[];
}

/** A sign of life. Telemetry, never recorded. */
export interface WorkerBeat {
  /** Attempts whose agent has been silent for longer than its step allows. */
  readonly silent: readonly AttemptRef[];
}

export interface BeatAnswer {
  /** False when the owner does not know the worker, or no longer: it must announce itself, with what it is holding. */
  readonly known: boolean;
  /** As in {@link AnnouncementAnswer}, where one of several owners was slow to say so. */
  readonly superseded?: readonly AttemptRef[];
}

/**
 * Between workers and the owner of a run. Direct calls in one process, one long-lived stream between processes. Every call may be repeated.
 */
export interface TaskChannel {
  /** Makes the worker and its agents known, or replaces what was known. Assignments may follow at once. */
  announce(worker: WorkerAnnouncement): Promise<AnnouncementAnswer>;
  /** Keeps the worker known for a while. */
  beat(worker: string, beat: WorkerBeat): Promise<BeatAnswer>;
  /** No new assignments; what it holds it may finish. */
  drain(worker: string): Promise<void>;
  /** The worker is gone: what it held goes elsewhere. */
  depart(worker: string): Promise<void>;
  /** Asks for leave to start. A repeat by the holder is granted again. */
  claim(worker: string, attempt: AttemptRef): Promise<ClaimAnswer>;
  /**
   * Hands over a result; resolves when it is durable. A repeat, or the result of an attempt that no longer counts, resolves too and changes nothing.
   *
   * @throws TuttiError when it could not be stored: the result is still the worker's, who tries again
   */
  report(worker: string, attempt: AttemptRef, outcome: AttemptOutcome): Promise<void>;
  /**
   * Where there are several owners: called when one has come, or has been given runs, that does not know what the worker holds. It announces itself at once then. Returns how
   * to end it.
   */
  onStranger?(listener: () => void): () => void;
}
