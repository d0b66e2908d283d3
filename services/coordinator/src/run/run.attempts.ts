import type { Failure, RunEvent } from '@tutti/contracts';
import { isoTime } from '@tutti/kernel';
import { NO_RETRY, type Plan } from '../definition/plan.js';
import { backoffMs } from './backoff.js';
import type { RunState, TaskState } from './run.state.js';
import { workOfTask } from './run.work-plan.js';

/** The attempt has ended badly; `retryMs` says when the next may start. */
export function attemptFailed(
  task: TaskState,
  cause: 'error' | 'timeout' | 'lost',
  error: Failure,
  retryMs: number | null,
  feedback: TaskState['feedback'],
  isAnew = false,
): RunEvent {
  const journal = isAnew && retryMs !== null ? { journal: 'reset' as const } : {};
  const retryAt = retryMs === null ? null : isoTime(retryMs);
  return {
    type: 'TaskAttemptFailed',
    data: { task: task.id, attempt: task.attempt, cause, error, worker: task.worker, retryAt, feedback, ...journal },
  };
}

/** When the work's policy lets another attempt start; null for never. */
export function nextRetry(
  plan: Plan,
  state: RunState,
  task: TaskState,
  command: { readonly nowMs: number; readonly random: number },
): number | null {
  const retry = workOfTask(plan, state, task)?.retry ?? NO_RETRY;
  const failures = task.failures + 1;
  return failures < retry.maxAttempts ? command.nowMs + backoffMs(retry, failures, command.random) : null;
}
