import type { RunEvent } from '@tutti/contracts';
import type { Decider } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import type { RunCommand } from '../run/run.commands.js';
import { approvalsDueMs } from '../run/run.approvals.js';
import { createRunDecider } from '../run/run.decider.js';
import { nextRepetitionMs } from '../run/run.repeat.js';
import type { RunState } from '../run/run.state.js';
import type { RunTrace } from '../tracing/run-trace.js';

/** What a command came to, once that is durable. */
export interface Decided {
  readonly events: readonly RunEvent[];
  /** Position of the run's newest event. */
  readonly position: number;
}

export interface MailboxEntry {
  readonly command: RunCommand;
  readonly actor: string;
  readonly traceparent: string | null;
  /** Tries after somebody else's append came first. */
  readonly tries: number;
  readonly resolve: (decided: Decided) => void;
  readonly reject: (error: unknown) => void;
}

/** A run of which nothing is known yet. */
export function newHotRun(runId: string, plan: Plan): HotRun {
  const decider = createRunDecider(plan);
  return {
    ...{ runId, plan, decider, state: decider.initialState(), revision: -1, position: -1 },
    ...{ mailbox: [], busy: false, working: Promise.resolve(), parked: new Set(), trace: null },
  };
}

/** Lets the run go on by another version of its workflow. */
export function goBy(hot: HotRun, plan: Plan): void {
  hot.plan = plan;
  hot.decider = createRunDecider(plan);
}

/** A run in memory. Its state is ahead of the store while an append is under way, and thrown away when that fails. */
export interface HotRun {
  readonly runId: string;
  plan: Plan;
  decider: Decider<RunCommand, RunState, RunEvent>;
  state: RunState;
  /** Revision of the newest durable event; -1 for none. */
  revision: number;
  position: number;
  readonly mailbox: MailboxEntry[];
  busy: boolean;
  /** Settles when the turns under way have ended. */
  working: Promise<void>;
  /** Tasks that wait in the router. */
  readonly parked: Set<string>;
  /** Null where nothing is traced. */
  trace: RunTrace | null;
}

export interface Seat {
  readonly worker: string;
  readonly agent: string;
}

/** Those that its tasks have. */
export function seatsOf({ state }: HotRun): readonly Seat[] {
  const seats: Seat[] = [];
  for (const { status, worker, agent } of state.openTasks)
    if (status === 'assigned' && worker !== null && agent !== null) seats.push({ worker, agent });
  return seats;
}

/** When a deadline or a retry of it comes, on the wall clock; Infinity for never. */
export function nextDueMs({ state, parked }: HotRun): number {
  let atMs = state.deadlineMs !== null && state.ending === null ? state.deadlineMs : Infinity;
  if (state.approvals.size > 0) atMs = Math.min(atMs, approvalsDueMs(state));
  const goesOn = state.status === 'running';
  if (goesOn && state.hasDelays) atMs = Math.min(atMs, nextRepetitionMs(state));
  for (const task of state.openTasks) {
    if ((task.status === 'assigned' || task.status === 'begun') && task.deadlineMs !== null) atMs = Math.min(atMs, task.deadlineMs);
    if (goesOn && task.status === 'retrying' && !parked.has(task.id)) atMs = Math.min(atMs, task.retryMs);
  }
  return atMs;
}
