import type { RunEvent } from '@tutti/contracts';

export type StepStatus =
  'pending' | 'waiting' | 'running' | 'retrying' | 'awaiting-approval' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';
export type RunStatus = 'starting' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
export type TaskStatus = 'waiting' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';

/** An event as the view needs it. */
export interface TimedRunEvent {
  readonly event: RunEvent;
  readonly atMs: number;
}

/** What a definition says of a step. */
export interface StepPlan {
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
}

interface GateVerdict {
  readonly gate: string;
  readonly passed: boolean;
  readonly message: string;
  readonly action: string;
}

interface PendingApproval {
  readonly id: string;
  readonly step: string;
  readonly gate: string;
  readonly title: string;
  readonly payloadHash: string;
}

/** One that a child run waits for, of any depth. */
export interface ApprovalBelow {
  readonly id: string;
  readonly title: string;
  /** The way down from the run that is watched. */
  readonly place: string;
}

interface TaskState {
  readonly step: string;
  status: TaskStatus;
  attempt: number;
}

/** What a task that no agent does waits for. */
export interface Awaited {
  readonly task: string;
  readonly kind: 'timer' | 'signal' | 'event' | 'run';
  readonly what: string;
  readonly untilMs: number | null;
}

export interface StepState {
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
  status: StepStatus;
  /** Agent of the newest assignment. */
  agent: string | null;
  /** Of its newest task; in a fan-out the most that one task needed. */
  attempt: number;
  /** How often it was sent back and began anew. */
  resets: number;
  /** How often it was repeated. */
  repeats: number;
  /** The newest of what its tasks wait for that are no agents'. */
  awaited: Awaited | null;
  /** Tasks of the fan-out; null for a single task. */
  fanOut: number | null;
  readonly counts: Record<TaskStatus, number>;
  gates: readonly GateVerdict[];
  startedAtMs: number | null;
  endedAtMs: number | null;
  /** When the next attempt may start. */
  retryAtMs: number | null;
  /** Why it failed, was skipped, or waits. */
  note: string | null;
}

/** What is shown of a run: a pure fold over its events. */
export interface RunViewState {
  readonly runId: string;
  workflow: string;
  workflowVersion: number;
  status: RunStatus;
  startedAtMs: number | null;
  endedAtMs: number | null;
  error: string | null;
  /** By whom and why it is paused. */
  pause: string | null;
  /** In the order of the definition; a step that it does not name comes last. */
  readonly steps: Map<string, StepState>;
  readonly tasks: Map<string, TaskState>;
  /** Oldest first. */
  readonly approvals: Map<string, PendingApproval>;
  /** What its child runs wait for; not from its own events. */
  approvalsBelow: readonly ApprovalBelow[];
}

export function initialRunView(runId: string, plan: readonly StepPlan[]): RunViewState {
  const state: RunViewState = {
    runId,
    workflow: '',
    workflowVersion: 0,
    status: 'starting',
    startedAtMs: null,
    endedAtMs: null,
    error: null,
    pause: null,
    steps: new Map(),
    tasks: new Map(),
    approvals: new Map(),
    approvalsBelow: [],
  };
  for (const step of plan) state.steps.set(step.id, newStep(step));
  return state;
}

export function newStep({ id, name, needs }: StepPlan): StepState {
  return {
    id,
    name: name === '' ? id : name,
    needs,
    status: 'pending',
    agent: null,
    attempt: 0,
    resets: 0,
    repeats: 0,
    awaited: null,
    fanOut: null,
    counts: { waiting: 0, running: 0, retrying: 0, succeeded: 0, failed: 0, cancelled: 0 },
    gates: [],
    startedAtMs: null,
    endedAtMs: null,
    retryAtMs: null,
    note: null,
  };
}
