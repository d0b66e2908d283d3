import type { AttemptOutcome, Failure, StoredValue, TaskAssignment } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import type { Admission } from '../definition/admission.js';
import type { AsChild, ChildRun } from './run.state.js';
import type { MigrateRun } from '../versions/migrate-run.js';

/** Time and chance that a decision may need, handed in. */
export interface Circumstances {
  readonly nowMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

export type RunCommand = Circumstances &
  (
    | {
        readonly type: 'StartRun';
        readonly runId: string;
        readonly workflow: string;
        readonly workflowVersion: number;
        readonly definitionHash: string;
        readonly inputs: StoredValue;
        readonly labels: Readonly<Record<string, string>>;
        readonly idempotencyKey: string | null;
        readonly requestHash: string;
        /** Absent when the definition has none. */
        readonly variables?: Readonly<Record<string, StoredValue>> | undefined;
        /** Absent for a run that is started from outside. */
        readonly asChild?: AsChild;
        readonly actor: string;
      }
    | { readonly type: 'RecordResult'; readonly task: string; readonly attempt: number; readonly outcome: TaskOutcome }
    | { readonly type: 'AssignTask'; readonly task: string; readonly attempt: number; readonly assignment: TaskAssignment }
    | { readonly type: 'LoseAttempt'; readonly task: string; readonly attempt: number; readonly reason: string; readonly maxLost: number }
    /** The agent was silent for longer than its step allows. */
    | { readonly type: 'EndSilentAttempt'; readonly task: string; readonly attempt: number; readonly worker: string }
    /** Ends attempts whose deadline is past. */
    | { readonly type: 'Tick' }
    | {
        readonly type: 'DecideApproval';
        readonly approvalId: string;
        readonly approved: boolean;
        readonly payloadHash: string;
        readonly actor: string;
        readonly reason: string;
      }
    | {
        readonly type: 'SignalRun';
        readonly signalId: string;
        readonly name: string;
        readonly payload: StoredValue;
        readonly actor: string;
      }
    /** An event came that a task waits for. */
    | {
        readonly type: 'TakeEvent';
        readonly task: string;
        readonly attempt: number;
        readonly eventId: string;
        readonly output: StoredValue;
      }
    /** The step cannot go on: what its wait asks of an event could not be evaluated. */
    | { readonly type: 'FailWait'; readonly task: string; readonly attempt: number; readonly error: Failure }
    | {
        readonly type: 'SetVariables';
        readonly values: Readonly<Record<string, StoredValue>>;
        readonly actor: string;
        readonly reason: string;
      }
    /** A child run has ended, or, when nobody waits for it, has started. */
    | {
        readonly type: 'RecordChildEnd';
        readonly task: string;
        readonly attempt: number;
        readonly runId: string;
        readonly outcome: ChildOutcome;
      }
    /** `withParent`: because its parent was, and only what was held for that goes on with the parent. */
    | {
        readonly type: 'DelegateApproval';
        readonly approvalId: string;
        readonly to: string;
        readonly actor: string;
        readonly reason: string;
      }
    | { readonly type: 'PauseRun'; readonly actor: string; readonly reason: string; readonly withParent?: boolean }
    | { readonly type: 'ResumeRun'; readonly actor: string; readonly reason: string; readonly withParent?: boolean }
    | {
        readonly type: 'RepairRun';
        readonly repairId: string;
        /** Steps to do anew; null for those that failed, were broken off or undone. */
        readonly steps: readonly string[] | null;
        readonly inputs: Readonly<Record<string, StoredValue>>;
        readonly outputs: Readonly<Record<string, StoredValue>>;
        readonly actor: string;
        readonly reason: string;
      }
    | {
        readonly type: 'CancelRun';
        readonly actor: string;
        readonly reason: string;
        /** Without undoing what was done. Default: false. */
        readonly force?: boolean;
      }
    | MigrateRun
    /** Takes up what was found out for {@link RunRequest}s, and does what needs nothing from outside. */
    | { readonly type: 'Advance'; readonly resolution: Resolution | null }
  );

export type ChildOutcome =
  | { readonly outcome: 'succeeded'; readonly output: StoredValue }
  | { readonly outcome: 'failed'; readonly error: Failure; readonly retryable: boolean };

export type CommandOf<Type extends RunCommand['type']> = Extract<RunCommand, { readonly type: Type }>;

/** A worker's outcome after the owner has held the output against the step's schema. */
export type TaskOutcome =
  Extract<AttemptOutcome, { outcome: 'succeeded' }> | (Extract<AttemptOutcome, { outcome: 'failed' }> & { readonly problems?: JsonValue });

/** What a run needs from outside before it can go on. */
export type RunRequest =
  /** Condition, and then the fan-out's list or the task's input and assignment. */
  | { readonly kind: 'start'; readonly step: string }
  | { readonly kind: 'child'; readonly step: string; readonly index: number }
  | { readonly kind: 'join'; readonly step: string }
  | { readonly kind: 'gate'; readonly step: string; readonly gate: number }
  /** Whether a step that repeats is done. */
  | { readonly kind: 'until'; readonly step: string }
  /** Whether one of the signals that have come is for this wait. */
  | { readonly kind: 'take-signal'; readonly step: string; readonly task: string }
  | { readonly kind: 'reassign'; readonly task: string }
  /** Work that no agent does is to be tried again. */
  | { readonly kind: 'again'; readonly step: string; readonly task: string }
  | { readonly kind: 'outputs' };

export type Resolution =
  | { readonly kind: 'skip'; readonly step: string; readonly message: string }
  | { readonly kind: 'fan-out'; readonly step: string; readonly items: StoredValue; readonly count: number }
  | {
      readonly kind: 'task';
      readonly step: string;
      readonly index: number | null;
      readonly input: StoredValue;
      /** Case of the step's switch; absent without one. */
      readonly branch?: string;
      /** Absent for a step that says nothing of it. */
      readonly admission?: Admission;
      readonly assignment: TaskAssignment | null;
    }
  | BegunWork
  | {
      readonly kind: 'set';
      readonly step: string;
      readonly values: Readonly<Record<string, StoredValue>>;
      /** All of them as one value: the step's output. */
      readonly output: StoredValue;
    }
  | { readonly kind: 'joined'; readonly step: string; readonly output: StoredValue }
  | { readonly kind: 'until'; readonly step: string; readonly done: boolean; readonly delayMs: number }
  | {
      readonly kind: 'signal';
      readonly step: string;
      readonly task: string;
      readonly attempt: number;
      /** Null when none of those that were there is for the wait. */
      readonly taken: { readonly id: string; readonly payload: StoredValue } | null;
      /** Order of the last that was looked at. */
      readonly through: number;
    }
  | {
      readonly kind: 'gate';
      readonly step: string;
      readonly gate: number;
      readonly passed: boolean;
      readonly message: string;
      readonly evidence: JsonValue;
    }
  | {
      readonly kind: 'approval';
      readonly step: string;
      readonly gate: number;
      readonly title: string;
      readonly payload: StoredValue;
      readonly payloadHash: string;
    }
  | { readonly kind: 'assigned'; readonly task: string; readonly assignment: TaskAssignment }
  | {
      readonly kind: 'step-failed';
      readonly step: string;
      /** It counts in this one only: another part of the step may have failed, and been caught. Absent: in whichever it is. */
      readonly visit?: number;
      readonly error: Failure;
    }
  | { readonly kind: 'outputs'; readonly outputs: StoredValue }
  | { readonly kind: 'run-failed'; readonly error: Failure };

/** Work that no agent does and that may begin. */
export interface BegunWork {
  readonly kind: 'begin';
  readonly step: string;
  readonly index: number | null;
  readonly branch: string | null;
  /** Default: 1. */
  readonly attempt?: number;
  /** Milliseconds since 1970; null for none. Of a timer: when it ends. */
  readonly deadlineMs: number | null;
  readonly begins:
    | { readonly kind: 'timer' }
    | { readonly kind: 'signal'; readonly name: string }
    | { readonly kind: 'event'; readonly eventType: string; readonly source: string | null; readonly after: number }
    | { readonly kind: 'child'; readonly started: Omit<ChildRun, 'attempt' | 'begunAt' | 'deadlineAt'> };
}
