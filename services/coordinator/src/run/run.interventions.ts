import type { RunEvent } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import { callBack } from './run.call-back.js';
import type { CommandOf } from './run.commands.js';
import { endRun } from './run.ending.js';
import { isOpen, type RunState } from './run.state.js';

export function pauseRun(command: CommandOf<'PauseRun'>, state: RunState): readonly RunEvent[] {
  if (state.status === 'paused') return [];
  refuseWhenEnded(state);
  const data = { pausedBy: command.actor, reason: command.reason };
  return [{ type: 'RunPaused', data: command.withParent === true ? { ...data, withParent: true } : data }];
}

export function resumeRun(command: CommandOf<'ResumeRun'>, state: RunState): readonly RunEvent[] {
  if (state.status === 'running' || (command.withParent === true && !state.pausedWithParent)) return [];
  refuseWhenEnded(state);
  return [{ type: 'RunResumed', data: { resumedBy: command.actor, reason: command.reason } }];
}

/** @throws TuttiError RUN_ENDED */
function refuseWhenEnded(state: RunState): void {
  if (!isOpen(state)) throw new TuttiError('RUN_ENDED', `run ${state.runId} has already ${state.status}`);
}

/** What was done is undone first; `force` ends the run at once, even while that is under way. */
export function cancelRun(plan: Plan, { actor, reason, force = false }: CommandOf<'CancelRun'>, state: RunState): readonly RunEvent[] {
  if (state.status === 'cancelled') return [];
  refuseWhenEnded(state);
  if (force) {
    return [...callBack(state, () => true, 'the run was cancelled'), { type: 'RunCancelled', data: { cancelledBy: actor, reason } }];
  }
  if (state.ending?.outcome === 'cancelled') return [];
  if (state.ending !== null)
    throw new TuttiError('RUN_ENDED', `run ${state.runId} has failed and undoes what was done; to end it at once, use force`);
  const error = { code: 'CANCELLED', message: reason };
  return endRun(plan, state, { outcome: 'cancelled', error, step: null, requestedBy: actor });
}
