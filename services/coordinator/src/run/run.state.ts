import type { Failure, GateFeedback, RunEvent, StoredValue, TaskLimit, TaskPermit, TaskRouting } from '@tutti/contracts';

/** What a run knows of itself. Changed in place by `evolve`; a run of 10,000 tasks would spend seconds on copies. */
export interface RunState {
  status: 'absent' | 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled';
  runId: string;
  /** Of the newest event that it knows; -1 for none. */
  revision: number;
  workflow: string;
  workflowVersion: number;
  inputs: StoredValue;
  requestHash: string;
  labels: Readonly<Record<string, string>>;
  startedBy: string;
  /** Of a child run: whose work it does. */
  parent: RunParent | null;
  /** The document of a dynamic plan; null for a registered workflow. */
  definition: StoredValue | null;
  /** It is paused because its parent is. */
  pausedWithParent: boolean;
  readonly variables: Map<string, StoredValue>;
  readonly signals: SignalState;
  /** Some step that repeats was told to wait; whether it still does, it says itself. */
  hasDelays: boolean;
  /** Tasks that wait for an event. */
  readonly eventWaits: Set<TaskState>;
  /** Only steps that something has happened to; a step that is not here is pending. */
  readonly steps: Map<string, StepState>;
  /** When it fails for taking too long; milliseconds since 1970, null for never. */
  deadlineMs: number | null;
  /** Set once the run is to end other than well, and something has to be done first. */
  ending: RunEnding | null;
  /** Steps that a compensation has undone. */
  readonly undone: Set<string>;
  /** Repairs that were made, by id: what comes again is a repeat. */
  readonly repairs: Set<string>;
  /** Counts steps that have succeeded: what was done last is undone first. */
  completions: number;
  /** Inner steps that run now. */
  readonly inner: Set<string>;
  readonly tasks: Map<string, TaskState>;
  /** The tasks that are waiting, assigned or retrying. */
  readonly openTasks: Set<TaskState>;
  readonly approvals: Map<string, ApprovalState>;
  /** `task#attempt` of results that are recorded, but for that of a task that has succeeded: what comes again is a repeat. */
  readonly answered: Set<string>;
}

export interface RunEnding {
  readonly outcome: 'failed' | 'cancelled';
  readonly error: Failure;
  readonly step: string | null;
  readonly requestedBy: string;
  phase: 'compensating' | 'compensated' | 'handling';
  /** Inner steps that undo, in their order, and how many of them have ended. */
  readonly steps: readonly string[];
  done: number;
}

export type StepStatus = 'pending' | 'running' | 'gating' | 'succeeded' | 'failed' | 'skipped';

export interface StepState {
  readonly id: string;
  status: StepStatus;
  /** From 1; counts up with each reset. */
  visit: number;
  fanOut: FanOutState | null;
  /** Its only task; null in a fan-out. */
  task: TaskState | null;
  output: StoredValue | null;
  /** Gates passed since the output came. */
  gatesPassed: number;
  /** How often each gate has sent back or elsewhere, over all visits. */
  readonly gateUses: Map<string, number>;
  pendingApproval: string | null;
  /** The gate that has failed, about which a person is asked; null while none is. */
  asks: string | null;
  /** The inner step that does the next gate's work; null while none does. */
  openGate: string | null;
  /** Time that what its output came of took; of a list all tasks of this visit together. */
  workMs: number;
  /** Newest decision of each approval gate. */
  readonly decisions: Map<string, ApprovalDecision>;
  /** For the tasks of this visit. */
  feedback: readonly GateFeedback[];
  failedTask: TaskState | null;
  /** Why it failed; null unless it did. */
  error: Failure | null;
  /** Of a step that repeats: how often it has begun, from 1. */
  iteration: number;
  /** Of a step that repeats: what came out the time before. */
  last: StoredValue | null;
  /** Of a step that repeats: what it asks is answered for this time. */
  repeatDone: boolean;
  /** Nothing of it starts before; milliseconds since 1970. */
  notBeforeMs: number;
  /** The handler that runs instead of its body, and for what; null while it has not failed. */
  caught: { readonly handler: number; readonly error: Failure } | null;
  /** Of a fan-out that failed and was caught: what it had done by then. */
  leftBehind: FanOutState | null;
  /** Somebody gave it for this visit, instead of what `with` comes to. */
  inputOverride: StoredValue | null;
  /** Among the steps of the run that have succeeded, from 1; 0 for one that has not. */
  completion: number;
}

export interface FanOutState {
  readonly items: StoredValue;
  readonly count: number;
  readonly concurrency: number;
  scheduled: number;
  open: number;
  /** Place in the list → output. */
  readonly outputs: (StoredValue | undefined)[];
}

/** What a task is: an agent's, or something that the coordinator sees to. */
export type TaskWork =
  | { readonly kind: 'agent' }
  /** Ends well at its deadline. */
  | { readonly kind: 'timer' }
  | { readonly kind: 'signal'; readonly name: string }
  | {
      readonly kind: 'event';
      readonly eventType: string;
      readonly source: string | null;
      readonly after: number;
      /** Of the run's own events only those after this revision: what it recorded in the same append was before. */
      readonly since: number;
    }
  | { readonly kind: 'child'; readonly started: ChildRun };

/** A run that does a task, as its parent has recorded it. */
export type ChildRun = Omit<Extract<RunEvent, { readonly type: 'ChildRunStarted' }>['data'], 'task' | 'step' | 'index' | 'branch'>;

type Started = Extract<RunEvent, { readonly type: 'RunStarted' }>['data'];
export type RunParent = NonNullable<Started['parent']>;
/** What the start of a child run says beside what any start does. */
export type AsChild = Required<Pick<Started, 'parent'>> & Pick<Started, 'block' | 'definition'>;

export const AGENT_WORK: TaskWork = { kind: 'agent' };

export interface TaskState {
  readonly id: string;
  readonly step: string;
  readonly index: number | null;
  readonly work: TaskWork;
  /** Case of the step's switch. */
  readonly branch: string | null;
  readonly capability: string;
  pinnedAgent: string | null;
  readonly timeoutMs: number | null;
  readonly priority: number;
  /** Null for the default, least-loaded. */
  readonly routing: TaskRouting | null;
  readonly limits: readonly TaskLimit[];
  /** Of the newest assignment, one for each limit; null without limits. */
  permits: readonly TaskPermit[] | null;
  /** `waiting` and `assigned` are of agents' tasks, `begun` is of all others. */
  status: 'waiting' | 'assigned' | 'begun' | 'retrying' | 'succeeded' | 'failed' | 'cancelled';
  /** Of a wait for a signal: it has looked at those that came, up to the run's how-many-th. */
  looked: number;
  /** When work that is no agent's began; milliseconds since 1970. */
  begunMs: number;
  /** Fencing number of the newest attempt. */
  attempt: number;
  /** Attempts that failed by themselves; what was lost or sent back by a gate does not count. */
  failures: number;
  lost: number;
  /** The first attempt whose steps in the task's journal count. */
  journalFrom: number;
  worker: string | null;
  agent: string | null;
  agentVersion: string | null;
  /** Milliseconds since 1970; null for none. */
  deadlineMs: number | null;
  retryMs: number;
  /** Null once it has ended well: nobody asks again. */
  input: StoredValue | null;
  feedback: readonly GateFeedback[];
  error: Failure | null;
}

export interface Signal {
  readonly id: string;
  readonly payload: StoredValue;
  /** That it takes in memory, about. */
  readonly bytes: number;
  /** The run's how-many-th it was, from 1. */
  readonly order: number;
}

export interface SignalState {
  /** By name, those that nothing has taken, in the order in which they came. */
  readonly untaken: Map<string, Signal[]>;
  untakenCount: number;
  /** Of the payloads that are in memory with them, about. */
  untakenBytes: number;
  /** Ids of all that ever came. */
  readonly known: Set<string>;
}

export interface ApprovalDecision {
  readonly approved: boolean;
  readonly decidedBy: string;
  readonly decidedAt: string;
  readonly reason: string;
  readonly payloadHash: string;
  /** Everyone who approved; empty when it was rejected. */
  readonly approvedBy: readonly string[];
}

export interface ApprovalState {
  readonly id: string;
  readonly step: string;
  readonly gate: string;
  readonly payloadHash: string;
  /** Null for anyone. */
  readonly approvers: Set<string> | null;
  readonly barred: ReadonlySet<string>;
  readonly quorum: number;
  /** Who has approved so far, with why. */
  readonly votes: Map<string, string>;
  readonly expiresMs: number | null;
  readonly escalations: readonly { readonly atMs: number; readonly to: readonly string[] }[];
  /** How many of the escalations have happened. */
  escalated: number;
  status: 'pending' | 'decided' | 'voided' | 'expired';
  decision: ApprovalDecision | null;
}

export function initialRunState(): RunState {
  return {
    status: 'absent',
    runId: '',
    revision: -1,
    workflow: '',
    workflowVersion: 0,
    inputs: { inline: null },
    requestHash: '',
    labels: {},
    startedBy: '',
    parent: null,
    definition: null,
    pausedWithParent: false,
    variables: new Map(),
    signals: { untaken: new Map(), untakenCount: 0, untakenBytes: 0, known: new Set() },
    hasDelays: false,
    eventWaits: new Set(),
    deadlineMs: null,
    ending: null,
    undone: new Set(),
    repairs: new Set(),
    completions: 0,
    steps: new Map(),
    inner: new Set(),
    tasks: new Map(),
    openTasks: new Set(),
    approvals: new Map(),
    answered: new Set(),
  };
}

/** It has not ended: results and decisions still count. Only a running one goes on by itself. */
export function isOpen({ status }: Pick<RunState, 'status'>): boolean {
  return status === 'running' || status === 'paused';
}
