import { DEFAULT_PRIORITY, type RunEvent, type TaskAssignment, type TaskRouting } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { Admission } from '../definition/admission.js';
import { pinnedAgent, type Plan, type StepPlan } from '../definition/plan.js';
import { attemptFailed, nextRetry } from './run.attempts.js';
import type { CommandOf, Resolution } from './run.commands.js';
import type { RunState, TaskState } from './run.state.js';
import { stepState } from './run.step-state.js';
import { workNow, workOfTask } from './run.work-plan.js';
import { taskId } from './task-id.js';

export function scheduleTask(plan: StepPlan, state: RunState, resolution: Extract<Resolution, { kind: 'task' }>): RunEvent {
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

export function recordResult(plan: Plan, command: CommandOf<'RecordResult'>, state: RunState): readonly RunEvent[] {
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

export function assignTask(command: CommandOf<'AssignTask'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (state.status !== 'running' || task === undefined || command.attempt !== nextAttempt(task)) return [];
  return [taskAssigned(task, command.attempt, command.assignment)];
}

export function taskAssigned({ id, step, capability }: TaskState, attempt: number, assignment: TaskAssignment): RunEvent {
  return { type: 'TaskAssigned', data: { task: id, step, capability, attempt, assignment } };
}

/** Number of the attempt that an assignment would start now; null when the task takes none. */
export function nextAttempt(task: TaskState): number | null {
  if (task.status === 'waiting') return task.attempt;
  return task.status === 'retrying' ? task.attempt + 1 : null;
}

export function loseAttempt(command: CommandOf<'LoseAttempt'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (task?.status !== 'assigned' || task.attempt !== command.attempt) return [];
  const again = task.lost < command.maxLost;
  return [attemptFailed(task, 'lost', { code: 'WORKER_LOST', message: command.reason }, again ? command.nowMs : null, task.feedback)];
}

export function endSilentAttempt(plan: Plan, command: CommandOf<'EndSilentAttempt'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (task?.status !== 'assigned' || task.attempt !== command.attempt || task.worker !== command.worker) return [];
  const work = workOfTask(plan, state, task);
  const heartbeatMs = work?.kind === 'task' ? work.heartbeatMs : null;
  const message = `the agent gave no sign of life in attempt ${task.attempt} for longer than its heartbeatTimeout of ${heartbeatMs ?? 0} ms`;
  return [attemptFailed(task, 'timeout', { code: 'TIMED_OUT', message }, nextRetry(plan, state, task, command), task.feedback)];
}
