import type { JsonObject, JsonValue } from '@tutti/kernel';

/**
 * What repeating a step does to the world outside.
 *
 * - `pure`: nothing but an answer, like a model call or a query.
 * - `idempotent`: the same again, as long as whoever is called drops repeats of the idempotency key.
 * - `compensable`: a second effect, which something else can undo.
 * - `irreversible`: a second effect for good, like a mail or a payment without a key.
 */
export type SideEffect = 'pure' | 'idempotent' | 'compensable' | 'irreversible';

/** What a step used up, as its provider bills it. */
export interface StepUsage {
  readonly model?: string;
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
}

/** What a step's function is called with. */
export interface StepCall {
  /** The same over all attempts of the task: hand it to systems that drop repeats. */
  readonly idempotencyKey: string;
  /** Aborted with the attempt. */
  readonly signal: AbortSignal;
  /** The attempt that makes this call, from 1. */
  readonly attempt: number;
  /** Kept with the step's result; what is said last counts. */
  usage(usage: StepUsage): void;
}

/** What undoes a compensable step: a task for an agent with the capability. It is recorded; nothing runs it by itself. */
export interface Compensation {
  readonly capability: string;
  readonly with?: JsonObject;
}

/** What could be found out about an irreversible step whose outcome nobody recorded; null when it stays unknown. */
export type Resolution<Value> = { readonly happened: true; readonly value: Value } | { readonly happened: false } | null;

interface StepOptionsBase {
  /** What the step depends on. Its hash is recorded; a later attempt that comes to the step with another input fails with STEP_MISMATCH. */
  readonly input?: JsonValue;
}

/** How a step is kept; without options it is `idempotent`. */
export type StepOptions<Value = JsonValue> =
  | (StepOptionsBase & {
      readonly sideEffect: 'pure';
      /** Whether its result is kept. Default true, so that what was paid for is not asked again; false costs nothing and runs it each time. */
      readonly journal?: boolean;
    })
  | (StepOptionsBase & { readonly sideEffect?: 'idempotent' })
  | (StepOptionsBase & { readonly sideEffect: 'compensable'; readonly compensate: Compensation })
  | (StepOptionsBase & {
      readonly sideEffect: 'irreversible';
      /** Asked when an earlier attempt began the step and left no outcome. Without it, or when it answers null, the task fails with SIDE_EFFECT_UNCERTAIN. */
      readonly resolve?: (idempotencyKey: string, call: { readonly signal: AbortSignal }) => Promise<Resolution<Value>> | Resolution<Value>;
    });

/** The longest name of a step, in characters. */
export const MAX_STEP_NAME = 200;
