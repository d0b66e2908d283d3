import { DEFAULT_PRIORITY, type RunEvent, type StoredValue } from '@tutti/contracts';
import { assertNever } from '@tutti/kernel';
import { NO_LIMITS } from '../routing/task-need.js';
import { runMigrated } from '../versions/migrate-run.js';
import { evolveApproval } from './run.approvals.js';
import { evolveEnding, innerEnded } from './run.ending.js';
import { runRepaired } from './run.repair.js';
import { AGENT_WORK, type RunState, type TaskState } from './run.state.js';
import { addTask, clearStep, closeGate, openGate, stepState } from './run.step-state.js';
import { evolveRepetition } from './run.repeat.js';
import { signalReceived, signalTaken } from './run.signals.js';
import { workBegun } from './run.works.js';

type Data<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>['data'];

/** Applies one event, in place. Total: what does not fit is passed over, never thrown. */
export function evolveRun(state: RunState, event: RunEvent): RunState {
  state.revision++;
  switch (event.type) {
    case 'RunStarted': {
      const { runId, workflow, workflowVersion, inputs, requestHash, labels, variables, deadlineAt, startedBy } = event.data;
      if (variables !== undefined) setVariables(state, variables);
      if (deadlineAt !== undefined) state.deadlineMs = Date.parse(deadlineAt);
      if (event.data.parent !== undefined) Object.assign(state, { parent: event.data.parent, definition: event.data.definition ?? null });
      return Object.assign(state, { status: 'running', runId, workflow, workflowVersion, inputs, requestHash, labels, startedBy });
    }
    case 'StepSkipped':
      stepState(state, event.data.step).status = 'skipped';
      return state;
    case 'FanOutStarted':
      return fanOutStarted(state, event.data);
    case 'FanOutJoined': {
      Object.assign(stepState(state, event.data.step), { status: 'gating', output: event.data.output, gatesPassed: 0 });
      return state;
    }
    case 'TaskScheduled':
      return taskScheduled(state, event.data);
    case 'TimerStarted':
    case 'SignalAwaited':
    case 'EventAwaited':
    case 'ChildRunStarted':
      return workBegun(state, event);
    case 'SignalReceived':
      return signalReceived(state, event.data);
    case 'SignalsPassed':
      return withTask(state, event.data.task, (task) => void (task.looked = event.data.through));
    case 'RepetitionDecided':
      return evolveRepetition(state, event.data);
    case 'VariablesSet':
      return variablesSet(state, event.data);
    case 'TaskAssigned':
      return withTask(state, event.data.task, (task) => {
        task.attempt = event.data.attempt;
        assign(task, event.data.assignment);
      });
    case 'TaskSucceeded':
      return withTask(state, event.data.task, (task) => taskSucceeded(state, task, event.data));
    case 'TaskAttemptFailed':
      return withTask(state, event.data.task, (task) => attemptFailed(state, task, event.data));
    case 'TaskCancelled':
      return withTask(state, event.data.task, (task) => close(state, task, 'cancelled'));
    case 'TaskResultSuperseded':
      state.answered.add(`${event.data.task}#${event.data.attempt}`);
      return state;
    case 'GateStarted':
      return openGate(state, event.data);
    case 'GateEvaluated':
      return gateEvaluated(state, event.data);
    case 'ApprovalRequested':
    case 'ApprovalVoted':
    case 'ApprovalDelegated':
    case 'ApprovalEscalated':
    case 'ApprovalExpired':
    case 'ApprovalDecided':
    case 'ApprovalVoided':
      return evolveApproval(state, event);
    case 'StepSucceeded':
      return stepSucceeded(state, event.data.step);
    case 'StepFailed':
      closeGate(state, stepState(state, event.data.step));
      Object.assign(stepState(state, event.data.step), { status: 'failed', error: event.data.error });
      if (state.inner.size > 0) innerEnded(state, event.data.step);
      return state;
    case 'StepCaught':
    case 'CompensationStarted':
    case 'CompensationEnded':
    case 'FailureHandlerStarted':
      return evolveEnding(state, event);
    case 'StepsReset':
      return stepsReset(state, event.data);
    case 'RunMigrated':
      return runMigrated(state, event.data);
    case 'RunRepaired':
      return runRepaired(state, event.data);
    case 'RunPaused':
      state.status = 'paused';
      state.pausedWithParent = event.data.withParent === true;
      return state;
    case 'RunResumed':
      state.status = 'running';
      return state;
    case 'RunSucceeded':
      state.status = 'succeeded';
      return state;
    case 'RunFailed':
      state.status = 'failed';
      return state;
    case 'RunCancelled':
      state.status = 'cancelled';
      return state;
    default:
      return assertNever(event, 'run event');
  }
}

function stepSucceeded(state: RunState, id: string): RunState {
  const step = stepState(state, id);
  step.status = 'succeeded';
  step.completion = ++state.completions;
  if (state.inner.size > 0) innerEnded(state, id);
  return state;
}

function fanOutStarted(state: RunState, { step: id, items, count, concurrency }: Data<'FanOutStarted'>): RunState {
  const step = stepState(state, id);
  step.status = 'running';
  step.fanOut = { items, count, concurrency, scheduled: 0, open: 0, outputs: new Array<StoredValue | undefined>(count) };
  return state;
}

function taskScheduled(state: RunState, data: Data<'TaskScheduled'>): RunState {
  const { task: id, step: stepId, index, capability, pinnedAgent, timeoutMs, input, feedback, attempt } = data;
  const task: TaskState = {
    ...{ id, step: stepId, index, capability, pinnedAgent, timeoutMs, input, feedback, attempt },
    ...{ priority: data.priority ?? DEFAULT_PRIORITY, routing: data.routing ?? null, limits: data.limits ?? NO_LIMITS, permits: null },
    ...{
      status: 'waiting',
      failures: 0,
      lost: 0,
      journalFrom: 1,
      worker: null,
      agent: null,
      agentVersion: null,
      deadlineMs: null,
      retryMs: 0,
      error: null,
    },
    ...{ work: AGENT_WORK, branch: data.branch ?? null, begunMs: 0, looked: 0 },
  };
  if (data.assignment !== null) assign(task, data.assignment);
  return addTask(state, task);
}

function assign(task: TaskState, assignment: Data<'TaskAssigned'>['assignment']): void {
  task.status = 'assigned';
  task.worker = assignment.worker;
  task.agent = assignment.agent;
  task.agentVersion = assignment.agentVersion;
  task.permits = assignment.permits ?? null;
  task.deadlineMs = assignment.deadlineAt === null ? null : Date.parse(assignment.deadlineAt);
}

function taskSucceeded(state: RunState, task: TaskState, { output, takenFrom, durationMs }: Data<'TaskSucceeded'>): void {
  close(state, task, 'succeeded');
  if (takenFrom !== undefined) signalTaken(state, task, takenFrom);
  const step = stepState(state, task.step);
  if (step.fanOut !== null && task.index !== null) {
    step.fanOut.outputs[task.index] = output;
    step.workMs += durationMs;
    task.input = null;
  } else {
    step.workMs = durationMs;
    step.status = 'gating';
    step.output = output;
    step.gatesPassed = 0;
  }
}

function attemptFailed(state: RunState, task: TaskState, data: Data<'TaskAttemptFailed'>): void {
  if (data.cause === 'lost') task.lost++;
  else if (data.cause !== 'gate') task.failures++;
  if (data.cause === 'error' || data.cause === 'gate') state.answered.add(`${task.id}#${data.attempt}`);
  task.error = data.error;
  if (data.journal === 'reset') task.journalFrom = data.attempt + 1;
  const step = stepState(state, task.step);
  if (data.retryAt === null) {
    close(state, task, 'failed');
    step.failedTask ??= task;
    return;
  }
  task.status = 'retrying';
  if (data.nextAgent !== undefined) task.pinnedAgent = data.nextAgent;
  task.retryMs = Date.parse(data.retryAt);
  task.feedback = data.feedback;
  task.worker = null;
  state.openTasks.add(task);
  if (data.cause === 'gate') {
    step.status = 'running';
    step.output = null;
    step.gatesPassed = 0;
    step.repeatDone = false;
  }
}

function gateEvaluated(state: RunState, { step: id, gate, passed, action }: Data<'GateEvaluated'>): RunState {
  const step = stepState(state, id);
  closeGate(state, step);
  step.asks = action === 'ask' ? gate : null;
  if (passed) step.gatesPassed++;
  else if (action !== 'fail') step.gateUses.set(gate, (step.gateUses.get(gate) ?? 0) + 1);
  return state;
}

function stepsReset(state: RunState, { steps, target, feedback }: Data<'StepsReset'>): RunState {
  for (const id of steps) {
    const step = stepState(state, id);
    closeGate(state, step);
    clearStep(step);
    step.feedback = id === target ? feedback : [];
  }
  return state;
}

function close(state: RunState, task: TaskState, status: TaskState['status']): void {
  const wasOpen = state.openTasks.delete(task);
  if (task.work.kind === 'event') state.eventWaits.delete(task);
  task.status = status;
  const { fanOut } = stepState(state, task.step);
  if (wasOpen && fanOut !== null && task.index !== null) fanOut.open--;
}

function withTask(state: RunState, id: string, change: (task: TaskState) => void): RunState {
  const task = state.tasks.get(id);
  if (task !== undefined) change(task);
  return state;
}

function variablesSet(state: RunState, { values, step, output }: Data<'VariablesSet'>): RunState {
  if (step !== null && output !== undefined) Object.assign(stepState(state, step), { status: 'gating', output, gatesPassed: 0 });
  return setVariables(state, values);
}

function setVariables(state: RunState, values: Data<'VariablesSet'>['values']): RunState {
  for (const name in values) {
    const value = values[name];
    if (value !== undefined) state.variables.set(name, value);
  }
  return state;
}
