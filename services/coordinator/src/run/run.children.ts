import type { RunEvent } from '@tutti/contracts';
import type { Plan } from '../definition/plan.js';
import { attemptFailed, nextRetry } from './run.attempts.js';
import type { CommandOf } from './run.commands.js';
import { isOpen, type ChildRun, type RunState, type TaskState } from './run.state.js';
import { workSucceeded } from './run.works.js';

/** The child run that the attempt waits for; null when it waits for none any more. */
export function childAwaited(state: RunState, id: string, attempt: number): ChildRun | null {
  const task = state.tasks.get(id);
  return isOpen(state) && task?.attempt === attempt ? childOf(task) : null;
}

/** The child run that works for the task now. */
export function childOf({ status, work }: TaskState): ChildRun | null {
  return status === 'begun' && work.kind === 'child' ? work.started : null;
}

/** What the child came to is the attempt's outcome, while it is the attempt's child. */
export function recordChildEnd(plan: Plan, command: CommandOf<'RecordChildEnd'>, state: RunState): readonly RunEvent[] {
  const task = state.tasks.get(command.task);
  if (task === undefined || childAwaited(state, command.task, command.attempt)?.runId !== command.runId) return [];
  const { outcome } = command;
  if (outcome.outcome === 'succeeded') return [workSucceeded(task, outcome.output, command.nowMs)];
  return [attemptFailed(task, 'error', outcome.error, outcome.retryable ? nextRetry(plan, state, task, command) : null, [])];
}
