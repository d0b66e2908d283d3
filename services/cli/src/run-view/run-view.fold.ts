import type { RunEvent } from '@tutti/contracts';
import { awaitedBy, isBegin, repeated, waitsNoMore, type BeginEvent } from './run-view.waits.js';
import { newStep, type RunViewState, type StepState, type TaskStatus, type TimedRunEvent } from './run-view.state.js';

/** Applies one event, in place. Total: an event of an unknown type, or about something unknown, changes nothing. */
export function evolveRunView(state: RunViewState, { event, atMs }: TimedRunEvent): RunViewState {
  if (isBegin(event)) return workBegun(state, event, atMs);
  switch (event.type) {
    case 'RunStarted':
      state.workflow = event.data.workflow;
      state.workflowVersion = event.data.workflowVersion;
      state.status = 'running';
      state.startedAtMs = atMs;
      return state;
    case 'StepSkipped':
      endStep(stepOf(state, event.data.step), 'skipped', atMs, event.data.message);
      return state;
    case 'FanOutStarted': {
      const step = begin(stepOf(state, event.data.step), atMs);
      step.fanOut = event.data.count;
      step.status = 'running';
      return state;
    }
    case 'TaskScheduled':
      return taskScheduled(state, event.data, atMs);
    case 'TaskAssigned':
      return taskAssigned(state, event.data.task, event.data.attempt, event.data.assignment.agent);
    case 'RepetitionDecided':
      return event.data.again ? stepRepeats(state, event.data) : state;
    case 'TaskSucceeded':
      waitsNoMore(state, event.data.task);
      setTask(state, event.data.task, 'succeeded');
      return state;
    case 'TaskAttemptFailed':
      return attemptFailed(state, event.data);
    case 'TaskCancelled':
      waitsNoMore(state, event.data.task);
      setTask(state, event.data.task, 'cancelled');
      return state;
    case 'GateEvaluated': {
      const { step: id, gate, passed, message, action } = event.data;
      const step = stepOf(state, id);
      step.gates = [...step.gates.filter((verdict) => verdict.gate !== gate), { gate, passed, message, action }];
      return state;
    }
    case 'ApprovalRequested': {
      const { approvalId, step, gate, title, payloadHash } = event.data;
      state.approvals.set(approvalId, { id: approvalId, step, gate, title, payloadHash });
      stepOf(state, step).status = 'awaiting-approval';
      return state;
    }
    case 'ApprovalDecided':
    case 'ApprovalExpired':
    case 'ApprovalVoided': {
      const step = state.approvals.get(event.data.approvalId)?.step;
      state.approvals.delete(event.data.approvalId);
      if (step !== undefined) deriveStatus(state, stepOf(state, step));
      return state;
    }
    case 'StepSucceeded':
      endStep(stepOf(state, event.data.step), 'succeeded', atMs, null);
      return state;
    case 'StepFailed':
      dropApprovals(state, event.data.step);
      endStep(stepOf(state, event.data.step), 'failed', atMs, event.data.error.message);
      return state;
    case 'StepsReset':
      return sendBack(state, event.data.steps, `sent back by ${event.data.because.gate} of ${event.data.because.step}`);
    case 'StepCaught':
      sendBack(state, [event.data.step], `handled: ${event.data.error.message}`);
      stepOf(state, event.data.step).status = 'running';
      return state;
    case 'GateStarted':
      return sendBack(state, [event.data.inner], null);
    case 'CompensationStarted':
      return sendBack(state, event.data.steps, null);
    case 'RunRepaired':
      return runRepaired(state, event.data, atMs);
    case 'RunMigrated':
      state.workflowVersion = event.data.toVersion;
      return state;
    case 'RunPaused':
      state.status = 'paused';
      state.pause = byWhom(event.data.reason, event.data.pausedBy);
      return state;
    case 'RunResumed':
      state.status = 'running';
      state.pause = null;
      return state;
    case 'RunSucceeded':
      return endRun(state, 'succeeded', atMs, null);
    case 'RunFailed':
      return endRun(state, 'failed', atMs, event.data.error.message);
    case 'RunCancelled':
      return endRun(state, 'cancelled', atMs, byWhom(event.data.reason, event.data.cancelledBy));
    case 'FanOutJoined':
    case 'TaskResultSuperseded':
      return state;
    default:
      // What a newer server records.
      return state;
  }
}

export function foldRunView(state: RunViewState, events: Iterable<TimedRunEvent>): RunViewState {
  for (const event of events) evolveRunView(state, event);
  return state;
}

type DataOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>['data'];

function taskScheduled(state: RunViewState, data: DataOf<'TaskScheduled'>, atMs: number): RunViewState {
  const step = begin(stepOf(state, data.step), atMs);
  step.attempt = Math.max(step.attempt, data.attempt);
  step.retryAtMs = null;
  step.note = data.assignment === null ? `no agent with ${data.capability} is free` : null;
  if (data.assignment !== null) step.agent = data.assignment.agent;
  if (!state.tasks.has(data.task)) {
    state.tasks.set(data.task, { step: data.step, status: 'waiting', attempt: data.attempt });
    step.counts.waiting += 1;
  }
  const task = state.tasks.get(data.task);
  if (task !== undefined) task.attempt = data.attempt;
  setTask(state, data.task, data.assignment === null ? 'waiting' : 'running');
  return state;
}

function taskAssigned(state: RunViewState, taskId: string, attempt: number, agent: string): RunViewState {
  const task = state.tasks.get(taskId);
  if (task === undefined) return state;
  const step = stepOf(state, task.step);
  task.attempt = attempt;
  step.attempt = Math.max(step.attempt, attempt);
  step.agent = agent;
  step.retryAtMs = null;
  step.note = null;
  setTask(state, taskId, 'running');
  return state;
}

function attemptFailed(state: RunViewState, data: DataOf<'TaskAttemptFailed'>): RunViewState {
  const task = state.tasks.get(data.task);
  if (task === undefined) return state;
  const step = stepOf(state, task.step);
  step.retryAtMs = data.retryAt === null ? null : Date.parse(data.retryAt);
  step.note = data.error.message;
  waitsNoMore(state, data.task);
  setTask(state, data.task, data.retryAt === null ? 'failed' : 'retrying');
  return state;
}

function workBegun(state: RunViewState, event: BeginEvent, atMs: number): RunViewState {
  const { task, step: id, attempt } = event.data;
  const step = begin(stepOf(state, id), atMs);
  const status = event.type === 'ChildRunStarted' ? 'running' : 'waiting';
  Object.assign(step, { attempt: Math.max(step.attempt, attempt), retryAtMs: null, note: null, awaited: awaitedBy(event) });
  if (!state.tasks.has(task)) {
    state.tasks.set(task, { step: id, status, attempt });
    step.counts[status] += 1;
  }
  setTask(state, task, status);
  return state;
}

function stepRepeats(state: RunViewState, data: DataOf<'RepetitionDecided'>): RunViewState {
  for (const [id, task] of state.tasks) if (task.step === data.step) state.tasks.delete(id);
  state.steps.set(data.step, repeated(stepOf(state, data.step), data));
  return state;
}

/** These begin anew. */
function sendBack(state: RunViewState, steps: readonly string[], note: string | null): RunViewState {
  const reset = new Set(steps);
  for (const [id, task] of state.tasks) if (reset.has(task.step)) state.tasks.delete(id);
  for (const id of reset) {
    if (!state.steps.has(id)) continue;
    dropApprovals(state, id);
    const step = stepOf(state, id);
    state.steps.set(id, { ...newStep(step), resets: step.resets + 1, note });
  }
  return state;
}

/** One that had ended goes on. */
function runRepaired(state: RunViewState, { steps, outputs, repairedBy }: DataOf<'RunRepaired'>, atMs: number): RunViewState {
  Object.assign(state, { status: state.status === 'paused' ? 'paused' : 'running', endedAtMs: null, error: null });
  for (const step of state.steps.values()) if (step.status === 'cancelled') Object.assign(step, { status: 'running', endedAtMs: null });
  sendBack(state, [...steps, ...Object.keys(outputs)], `repaired by ${repairedBy}`);
  for (const id of Object.keys(outputs)) endStep(stepOf(state, id), 'succeeded', atMs, `taken for done by ${repairedBy}`);
  return state;
}

function endRun(state: RunViewState, status: 'succeeded' | 'failed' | 'cancelled', atMs: number, error: string | null): RunViewState {
  state.status = status;
  state.endedAtMs = atMs;
  state.error = error;
  state.pause = null;
  state.approvals.clear();
  state.approvalsBelow = [];
  for (const step of state.steps.values()) {
    if (step.startedAtMs !== null && step.endedAtMs === null) endStep(step, 'cancelled', atMs, null);
  }
  return state;
}

function byWhom(reason: string, actor: string): string {
  return reason === '' ? `by ${actor}` : `${reason} (${actor})`;
}

function stepOf(state: RunViewState, id: string): StepState {
  let step = state.steps.get(id);
  if (step === undefined) {
    step = newStep({ id, name: id, needs: [] });
    state.steps.set(id, step);
  }
  return step;
}

function begin(step: StepState, atMs: number): StepState {
  step.startedAtMs ??= atMs;
  return step;
}

function endStep(step: StepState, status: 'succeeded' | 'failed' | 'skipped' | 'cancelled', atMs: number, note: string | null): void {
  step.status = status;
  step.endedAtMs = atMs;
  step.retryAtMs = null;
  step.awaited = null;
  step.note = note;
}

function dropApprovals(state: RunViewState, stepId: string): void {
  for (const [id, approval] of state.approvals) if (approval.step === stepId) state.approvals.delete(id);
}

function setTask(state: RunViewState, taskId: string, status: TaskStatus): void {
  const task = state.tasks.get(taskId);
  if (task === undefined) return;
  const step = stepOf(state, task.step);
  step.counts[task.status] -= 1;
  step.counts[status] += 1;
  task.status = status;
  deriveStatus(state, step);
}

/** The status of a step that goes on, from what its tasks do. */
function deriveStatus(state: RunViewState, step: StepState): void {
  if (step.endedAtMs !== null) return;
  const { running, retrying, waiting } = step.counts;
  if ([...state.approvals.values()].some((approval) => approval.step === step.id)) step.status = 'awaiting-approval';
  else if (running > 0) step.status = 'running';
  else if (retrying > 0) step.status = 'retrying';
  else if (waiting > 0) step.status = 'waiting';
  else step.status = 'running';
}
