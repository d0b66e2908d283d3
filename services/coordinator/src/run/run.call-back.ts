import type { RunEvent } from '@tutti/contracts';
import type { RunState } from './run.state.js';
import { servedStep } from './run.step-state.js';

/** Cancels the tasks and voids the approvals that steps still have out. */
export function callBack(state: RunState, ofStep: (step: string) => boolean, reason: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (const task of state.openTasks) {
    if (ofStep(servedStep(task.step)))
      events.push({ type: 'TaskCancelled', data: { task: task.id, attempt: task.attempt, worker: task.worker, reason } });
  }
  for (const { id, step, status } of state.approvals.values()) {
    if (status === 'pending' && ofStep(step)) events.push({ type: 'ApprovalVoided', data: { approvalId: id, reason } });
  }
  return events;
}
