import { DEFAULT_PRIORITY, type RunEvent, type TaskAssignment, type TaskRouting } from '@tutti/contracts';
import { assertNever, isoTime, TuttiError, type Decider } from '@tutti/kernel';
import type { Admission } from '../definition/admission.js';
import { findStep, pinnedAgent, type Plan, type StepPlan } from '../definition/plan.js';
import { migrateRun } from '../versions/migrate-run.js';
import { attemptFailed, nextRetry } from './run.attempts.js';
import { recordChildEnd } from './run.children.js';
import type { BegunWork, CommandOf, Resolution, RunCommand } from './run.commands.js';
import { endRun, failStep } from './run.ending.js';
import { evolveRun } from './run.evolve.js';
import { decideApproval, delegateApproval, requestApproval, tickApprovals } from './run.approvals.js';
import { judge, rulesOf } from './run.gates.js';
import { cancelRun, pauseRun, resumeRun } from './run.interventions.js';
import { followingEvents, needsEnded } from './run.progress.js';
import { asksUntil, repetitionDecided } from './run.repeat.js';
import { receiveSignal, signalLookedAt } from './run.signals.js';
import { changeVariables, describeWait, failWait, takeEvent } from './run.waits.js';
import { repairRun } from './run.repair.js';
import { taskId } from './task-id.js';
import { workNow, workOfTask } from './run.work-plan.js';
import { beginWork, setVariables, workSucceeded } from './run.works.js';
import { initialRunState, isOpen, stepState, type RunState, type TaskState } from './run.state.js';

const COORDINATOR = 'service:coordinator';

type RunDecider = Decider<RunCommand, RunState, RunEvent>;

/** The run aggregate of one workflow version. */
export function createRunDecider(plan: Plan): RunDecider {
  return { initialState: initialRunState, evolve: evolveRun, decide: (command, state) => decideRun(plan, command, state) };
}

function decideRun(plan: Plan, command: RunCommand, state: RunState): readonly RunEvent[] {
  if (command.type === 'StartRun') return startRun(plan, command, state);
  if (state.status === 'absent') throw new TuttiError('RUN_NOT_FOUND', `there is no run "${state.runId}"`);
  switch (command.type) {
    case 'RecordResult':
      return recordResult(plan, command, state);
    case 'AssignTask':
      return assignTask(command, state);
    case 'LoseAttempt':
      return loseAttempt(command, state);
    case 'EndSilentAttempt':
      return endSilentAttempt(plan, command, state);
    case 'Tick':
      return tick(plan, command, state);
    case 'DecideApproval':
      return decideApproval(plan, command, state);
    case 'DelegateApproval':
      return delegateApproval(command, state);
    case 'SignalRun':
      return receiveSignal(command, state);
    case 'TakeEvent':
      return takeEvent(command, state);
    case 'FailWait':
      return failWait(plan, command, state);
    case 'SetVariables':
      return changeVariables(command, state);
    case 'RecordChildEnd':
      return recordChildEnd(plan, command, state);
    case 'PauseRun':
      return pauseRun(command, state);
    case 'ResumeRun':
      return resumeRun(command, state);
    case 'RepairRun':
      return repairRun(plan, command, state);
    case 'CancelRun':
      return cancelRun(plan, command, state);
    case 'MigrateRun':
      return migrateRun(plan, command, state);
    case 'Advance':
      if (state.status !== 'running') return [];
      return command.resolution === null ? followingEvents(plan, state) : takeUp(plan, command.resolution, state, command.nowMs);
    default:
      return assertNever(command, 'run command');
  }
}

function startRun(plan: Plan, command: CommandOf<'StartRun'>, state: RunState): readonly RunEvent[] {
  if (state.status !== 'absent') {
    if (state.requestHash === command.requestHash) return [];
    throw new TuttiError(
      'IDEMPOTENCY_CONFLICT',
      `idempotency key "${command.idempotencyKey ?? ''}" already started run ${state.runId} with a different request`,
    );
  }
  const { runId, workflow, workflowVersion, definitionHash, inputs, labels, idempotencyKey, requestHash, actor, variables } = command;
  const data = { runId, workflow, workflowVersion, definitionHash, inputs, labels, idempotencyKey, requestHash, startedBy: actor };
  const unusual = {
    ...(variables === undefined ? {} : { variables }),
    ...(plan.timeoutMs === null ? {} : { deadlineAt: isoTime(command.nowMs + plan.timeoutMs) }),
    ...command.asChild,
  };
  return [{ type: 'RunStarted', data: { ...data, ...unusual } }];
}

function recordResult(plan: Plan, command: CommandOf<'RecordResult'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (task === undefined) throw new TuttiError('TASK_NOT_FOUND', `run ${state.runId} has no task "${command.task}"`);
  const { attempt, outcome } = command;
  if (task.attempt !== attempt || task.status !== 'assigned') {
    const isRepeat = (task.attempt === attempt && task.status === 'succeeded') || state.answered.has(`${task.id}#${attempt}`);
    if (isRepeat) return [];
    return [{ type: 'TaskResultSuperseded', data: { task: task.id, attempt, outcome: outcome.outcome, durationMs: outcome.durationMs } }];
  }
  if (outcome.outcome === 'succeeded') {
    return [{ type: 'TaskSucceeded', data: { task: task.id, attempt, output: outcome.output, durationMs: outcome.durationMs } }];
  }
  const { code, message, details, retryable } = outcome.error;
  const error = details === undefined ? { code, message } : { code, message, details };
  const feedback = outcome.problems === undefined ? [] : [{ gate: 'output', message, evidence: outcome.problems }];
  const retryMs = retryable ? nextRetry(plan, state, task, command) : null;
  // Recorded steps would lead to the output that was refused once more.
  const isAnew = outcome.problems !== undefined || workOfTask(plan, state, task)?.retry.journal === 'reset';
  return [attemptFailed(task, 'error', error, retryMs, feedback, isAnew)];
}

function assignTask(command: CommandOf<'AssignTask'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (state.status !== 'running' || task === undefined || command.attempt !== nextAttempt(task)) return [];
  return [taskAssigned(task, command.attempt, command.assignment)];
}

function taskAssigned({ id, step, capability }: TaskState, attempt: number, assignment: TaskAssignment): RunEvent {
  return { type: 'TaskAssigned', data: { task: id, step, capability, attempt, assignment } };
}

/** Number of the attempt that an assignment would start now; null when the task takes none. */
export function nextAttempt(task: TaskState): number | null {
  if (task.status === 'waiting') return task.attempt;
  return task.status === 'retrying' ? task.attempt + 1 : null;
}

function loseAttempt(command: CommandOf<'LoseAttempt'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (task?.status !== 'assigned' || task.attempt !== command.attempt) return [];
  const again = task.lost < command.maxLost;
  return [attemptFailed(task, 'lost', { code: 'WORKER_LOST', message: command.reason }, again ? command.nowMs : null, task.feedback)];
}

function endSilentAttempt(plan: Plan, command: CommandOf<'EndSilentAttempt'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (task?.status !== 'assigned' || task.attempt !== command.attempt || task.worker !== command.worker) return [];
  const work = workOfTask(plan, state, task);
  const heartbeatMs = work?.kind === 'task' ? work.heartbeatMs : null;
  const message = `the agent gave no sign of life in attempt ${task.attempt} for longer than its heartbeatTimeout of ${heartbeatMs ?? 0} ms`;
  return [attemptFailed(task, 'timeout', { code: 'TIMED_OUT', message }, nextRetry(plan, state, task, command), task.feedback)];
}

function tick(plan: Plan, command: CommandOf<'Tick'>, state: RunState): readonly RunEvent[] {
  if (!isOpen(state)) return [];
  if (state.deadlineMs !== null && state.deadlineMs <= command.nowMs && state.ending === null) {
    const error = { code: 'TIMED_OUT', message: `the run did not end before its deadline ${isoTime(state.deadlineMs)}` };
    return endRun(plan, state, { outcome: 'failed', error, step: null, requestedBy: COORDINATOR });
  }
  const approvals = tickApprovals(plan, state, command.nowMs);
  // What else is due comes with the next tick, at once.
  if (approvals.length > 0) return approvals;
  return [...state.openTasks].flatMap((task) => {
    const { status, deadlineMs, work } = task;
    if ((status !== 'assigned' && status !== 'begun') || deadlineMs === null || deadlineMs > command.nowMs) return [];
    if (work.kind === 'timer') return [workSucceeded(task, { inline: null }, command.nowMs)];
    const awaited = describeWait(task);
    const what = awaited === null ? `attempt ${task.attempt} did not end` : `${awaited} came`;
    const error = { code: 'TIMED_OUT', message: `${what} before its deadline ${isoTime(deadlineMs)}` };
    return [attemptFailed(task, 'timeout', error, nextRetry(plan, state, task, command), task.feedback)];
  });
}

/** What was found out counts only while the step is where it was when it was asked. */
function takeUp(plan: Plan, resolution: Resolution, state: RunState, nowMs: number): readonly RunEvent[] {
  if ('step' in resolution && !isExpected(resolution, planOf(plan, resolution.step), state)) return [];
  switch (resolution.kind) {
    case 'skip':
      return [{ type: 'StepSkipped', data: { step: resolution.step, because: 'condition', message: resolution.message } }];
    case 'fan-out': {
      const { step, items, count } = resolution;
      return [{ type: 'FanOutStarted', data: { step, items, count, concurrency: planOf(plan, step).forEach?.concurrency ?? 1 } }];
    }
    case 'task':
      return [scheduleTask(planOf(plan, resolution.step), state, resolution)];
    case 'begin':
      return [beginWork(state, resolution, nowMs)];
    case 'set':
      return [setVariables(resolution)];
    case 'until':
      return repetitionDecided(resolution, state, nowMs);
    case 'signal':
      return signalLookedAt(resolution, state, nowMs);
    case 'joined':
      return [{ type: 'FanOutJoined', data: { step: resolution.step, output: resolution.output } }];
    case 'gate': {
      const gate = planOf(plan, resolution.step).gates[resolution.gate];
      return gate === undefined ? [] : judge(plan, state, stepState(state, resolution.step), gate, resolution, nowMs);
    }
    case 'approval': {
      const gate = planOf(plan, resolution.step).gates[resolution.gate];
      const rules = gate === undefined ? null : rulesOf(gate);
      if (gate === undefined || rules === null) return [];
      return [requestApproval(state, stepState(state, resolution.step), gate.name, resolution, rules, nowMs)];
    }
    case 'assigned': {
      const task = state.tasks.get(resolution.task);
      const attempt = task === undefined ? null : nextAttempt(task);
      return task === undefined || attempt === null ? [] : [taskAssigned(task, attempt, resolution.assignment)];
    }
    case 'step-failed':
      return failStep(plan, stepState(state, resolution.step), state, resolution.error);
    case 'outputs':
      return [{ type: 'RunSucceeded', data: { outputs: resolution.outputs } }];
    case 'run-failed':
      return endRun(plan, state, { outcome: 'failed', error: resolution.error, step: null, requestedBy: COORDINATOR });
    default:
      return assertNever(resolution, 'resolution');
  }
}

function isExpected(resolution: Extract<Resolution, { readonly step: string }>, plan: StepPlan, state: RunState): boolean {
  const step = stepState(state, plan.id);
  // A gate that was judged in the same round may have sent its needs back.
  const isReady = step.status === 'pending' && needsEnded(plan, state);
  switch (resolution.kind) {
    case 'skip':
    case 'fan-out':
      return isReady;
    case 'set':
      return isReady;
    case 'task':
      return resolution.index === null ? isReady : step.status === 'running' && step.fanOut?.scheduled === resolution.index;
    case 'begin':
      if (resolution.attempt !== undefined) return isNextAttempt(state, resolution, resolution.attempt);
      return resolution.index === null ? isReady : step.status === 'running' && step.fanOut?.scheduled === resolution.index;
    case 'joined':
      return step.status === 'running';
    case 'until':
      return step.status === 'gating' && asksUntil(plan, step);
    case 'signal':
      return step.status === 'running';
    case 'gate':
    case 'approval':
      return step.status === 'gating' && step.gatesPassed === resolution.gate;
    case 'step-failed':
      return isReady || step.status === 'running' || step.status === 'gating';
    default:
      return assertNever(resolution, 'resolution of a step');
  }
}

function isNextAttempt(state: RunState, { step, index }: BegunWork, attempt: number): boolean {
  const task = state.tasks.get(taskId(step, index, stepState(state, step).visit));
  return task?.status === 'retrying' && task.attempt + 1 === attempt;
}

function scheduleTask(plan: StepPlan, state: RunState, resolution: Extract<Resolution, { kind: 'task' }>): RunEvent {
  const { index, input, assignment, admission, branch } = resolution;
  const step = stepState(state, plan.id);
  const work = workNow(plan, step, branch ?? null);
  if (work?.kind !== 'task') throw new TuttiError('INTERNAL', `step "${plan.id}" has no task to schedule`);
  const data = {
    ...{ task: taskId(plan.id, index, step.visit), step: plan.id, index, input, assignment, feedback: step.feedback },
    ...{ capability: work.capability, pinnedAgent: pinnedAgent(work, index), timeoutMs: work.timeoutMs, attempt: 1 },
  };
  const withBranch = branch === undefined ? data : { ...data, branch };
  return { type: 'TaskScheduled', data: admission === undefined ? withBranch : { ...withBranch, ...unusual(admission) } };
}

/** What is not the default, which events leave out. */
function unusual({ priority, routing, limits }: Admission): Partial<Omit<Admission, 'routing'>> & { readonly routing?: TaskRouting } {
  return {
    ...(priority === DEFAULT_PRIORITY ? {} : { priority }),
    ...(routing === null ? {} : { routing }),
    ...(limits.length === 0 ? {} : { limits }),
  };
}

function planOf(plan: Plan, step: string): StepPlan {
  const found = findStep(plan, step);
  if (found === undefined) throw new TuttiError('DATA_DAMAGED', `version ${plan.version} of workflow "${plan.name}" has no step "${step}"`);
  return found;
}
