import {
  ApprovalStatus,
  RunStatus,
  StepStatus,
  type ApprovalPlace,
  type ApprovalView,
  type ChildRunView,
  type Failure,
  type RunError,
  type RunView,
  type StepView,
  type TaskView,
  rootOf,
} from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import type { Plan, StepPlan } from '../definition/plan.js';
import type { ApprovalDocument } from './approvals.projection.js';
import { awaitedMessage } from './awaited.js';
import type { ChildDocument, StepDocument } from './run-steps.js';
import type { RunDocument } from './runs.projection.js';
import type { TaskDocument } from './tasks.projection.js';

const RUN_STATUS = {
  running: RunStatus.RUN_STATUS_RUNNING,
  paused: RunStatus.RUN_STATUS_PAUSED,
  succeeded: RunStatus.RUN_STATUS_SUCCEEDED,
  failed: RunStatus.RUN_STATUS_FAILED,
  cancelled: RunStatus.RUN_STATUS_CANCELLED,
} as const;

const STEP_STATUS = {
  pending: StepStatus.STEP_STATUS_PENDING,
  waiting: StepStatus.STEP_STATUS_WAITING,
  running: StepStatus.STEP_STATUS_RUNNING,
  'awaiting-approval': StepStatus.STEP_STATUS_AWAITING_APPROVAL,
  succeeded: StepStatus.STEP_STATUS_SUCCEEDED,
  failed: StepStatus.STEP_STATUS_FAILED,
  skipped: StepStatus.STEP_STATUS_SKIPPED,
  cancelled: StepStatus.STEP_STATUS_CANCELLED,
} as const;

const APPROVAL_STATUS = {
  pending: ApprovalStatus.APPROVAL_STATUS_PENDING,
  approved: ApprovalStatus.APPROVAL_STATUS_APPROVED,
  rejected: ApprovalStatus.APPROVAL_STATUS_REJECTED,
  voided: ApprovalStatus.APPROVAL_STATUS_VOIDED,
  expired: ApprovalStatus.APPROVAL_STATUS_EXPIRED,
} as const;

/** The document word of a status in a request; null for "any". */
export function wordOf<Word extends string>(table: Readonly<Record<Word, string>>, status: string): Word | null {
  const found = Object.entries(table).find(([, value]) => value === status);
  return found === undefined ? null : (found[0] as Word);
}

export const runStatusWord = (status: string): RunDocument['status'] | null => wordOf(RUN_STATUS, status);
export const approvalStatusWord = (status: string): ApprovalDocument['status'] | null => wordOf(APPROVAL_STATUS, status);

/** Runs that do a run's steps, by their ids. */
export type ChildRuns = ReadonlyMap<string, RunDocument>;
const NO_CHILDREN: ChildRuns = new Map();

/** @param plan puts the steps in order and adds those that nothing has happened to; null leaves them all out */
export function runMessage(
  document: RunDocument,
  position: number,
  plan: Plan | null,
  outputs?: JsonValue,
  children = NO_CHILDREN,
): RunView {
  return {
    id: document.runId,
    workflow: document.workflow,
    workflowVersion: document.workflowVersion,
    status: RUN_STATUS[document.status],
    labels: document.labels,
    startedBy: document.startedBy,
    startedAt: document.startedAt,
    endedAt: document.endedAt ?? undefined,
    steps: plan === null ? [] : stepsToShow(plan, document).map((step) => stepMessage(step, document, children)),
    error: errorMessage(document.error, document.error?.step),
    pause:
      document.pause === null ? undefined : { pausedBy: document.pause.by, reason: document.pause.reason, pausedAt: document.pause.at },
    outputs,
    position,
    parent: document.parent ?? undefined,
    rootRunId: rootOf(document.runId),
    block: document.block ?? '',
  };
}

/** Every step, and those that belong to one and have come into play. */
function stepsToShow(plan: Plan, { steps }: RunDocument): readonly StepPlan[] {
  return [...plan.steps.values(), ...[...plan.inner.values()].filter(({ id }) => Object.hasOwn(steps, id))];
}

function stepMessage(plan: StepPlan, run: RunDocument, children: ChildRuns): StepView {
  const step = Object.hasOwn(run.steps, plan.id) ? run.steps[plan.id] : undefined;
  return {
    id: plan.id,
    name: plan.name,
    status: step === undefined ? idleStatus(run) : statusOf(step),
    needs: plan.needs,
    agent: step?.agent ?? '',
    attempts: step?.attempts ?? 0,
    tasks: step?.tasks ?? 0,
    tasksSucceeded: step?.tasksSucceeded ?? 0,
    tasksFailed: step?.tasksFailed ?? 0,
    gates: step?.gates ?? [],
    startedAt: step?.startedAt ?? undefined,
    endedAt: step?.endedAt ?? undefined,
    error: errorMessage(step?.error ?? null, plan.id),
    skipReason: step?.skipReason ?? '',
    awaited: awaitedMessage(step?.awaited),
    children: (step?.children ?? []).map((child) => childMessage(child, children.get(child.runId))),
    iteration: plan.repeat === null || step === undefined ? 0 : step.repetitions + 1,
  };
}

function childMessage({ runId, task, workflow, block, detached }: ChildDocument, run: RunDocument | undefined): ChildRunView {
  return {
    ...{ runId, task, workflow, block: block ?? '', detached, startedAt: run?.startedAt, endedAt: run?.endedAt ?? undefined },
    status: run === undefined ? RunStatus.RUN_STATUS_UNSPECIFIED : RUN_STATUS[run.status],
  };
}

/** Scheduled, but no agent has had it yet; or it waits for something that is no run. */
function statusOf(step: StepDocument): StepStatus {
  if (step.status === 'running' && step.awaited !== null && step.awaited.kind !== 'child') return STEP_STATUS.waiting;
  return step.status === 'running' && step.attempts === 0 && step.tasks > 0 ? STEP_STATUS.waiting : STEP_STATUS[step.status];
}

function idleStatus(run: RunDocument): StepStatus {
  return run.status === 'cancelled' ? STEP_STATUS.cancelled : STEP_STATUS.pending;
}

export function taskMessage(document: TaskDocument): TaskView {
  const { runId, task, step, index, capability, status, attempt, agent, worker, error, scheduledAt, endedAt, awaited } = document;
  return {
    ...{ id: task, runId, step, index: index ?? undefined, capability, status, attempt, agent, worker, scheduledAt },
    ...{ endedAt: endedAt ?? undefined, error: errorMessage(error, step), awaited: awaitedMessage(awaited) },
  };
}

/** @param path from the root run to the step that asks; its last place is the approval's own run */
export function approvalMessage(document: ApprovalDocument, path: readonly ApprovalPlace[], payload?: JsonValue): ApprovalView {
  const { approvalId, runId, step, gate, title, status, payloadHash, requestedAt, decidedAt, decidedBy, reason } = document;
  const { approvers, barred, quorum, approvedBy, expiresAt } = document;
  return {
    ...{ path, rootRunId: rootOf(runId), workflow: path.at(-1)?.workflow ?? '' },
    ...{ id: approvalId, runId, step, gate, title, status: APPROVAL_STATUS[status], payloadHash, payload },
    ...{ requestedAt, decidedAt: decidedAt ?? undefined, decidedBy, reason },
    ...{ approvers: [...approvers], barred: [...barred], quorum, approvedBy: [...approvedBy], expiresAt: expiresAt ?? undefined },
  };
}

function errorMessage(error: Failure | null, step: string | undefined): RunError | undefined {
  return error === null ? undefined : { code: error.code, message: error.message, step: step ?? '' };
}
