import type { RunEvent } from '@tutti/contracts';
import { isoTime, TuttiError } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import { callBack } from './run.call-back.js';
import type { CommandOf } from './run.commands.js';
import { judge } from './run.gates.js';
import { endRun } from './run.ending.js';
import { isOpen, stepState, type RunState } from './run.state.js';

export function decideApproval(plan: Plan, command: CommandOf<'DecideApproval'>, state: RunState): readonly RunEvent[] {
  const { approvalId, approved, payloadHash, actor, reason, nowMs } = command;
  const approval = state.approvals.get(approvalId);
  if (approval === undefined) throw new TuttiError('APPROVAL_NOT_FOUND', `there is no approval "${approvalId}"`);
  const { decision } = approval;
  if (decision !== null) {
    if (decision.approved === approved && decision.decidedBy === actor && decision.payloadHash === payloadHash) return [];
    throw new TuttiError(
      'APPROVAL_DECIDED',
      `approval ${approvalId} was ${decision.approved ? 'approved' : 'rejected'} by ${decision.decidedBy} at ${decision.decidedAt}`,
    );
  }
  if (!isOpen(state)) throw new TuttiError('RUN_ENDED', `run ${state.runId} has ${state.status}; its approvals cannot be decided any more`);
  if (approval.status === 'voided')
    throw new TuttiError('APPROVAL_DECIDED', `approval ${approvalId} is void: its step was reset or ended without it`);
  if (approval.payloadHash !== payloadHash) {
    throw new TuttiError(
      'PAYLOAD_CHANGED',
      `approval ${approvalId} is for payload ${approval.payloadHash}, but ${payloadHash} was given; look at it again`,
    );
  }
  const decided: RunEvent = {
    type: 'ApprovalDecided',
    data: { approvalId, approved, payloadHash, decidedBy: actor, decidedAt: isoTime(nowMs), reason },
  };
  const step = stepState(state, approval.step);
  const gate = plan.steps.get(approval.step)?.gates.find(({ name }) => name === approval.gate);
  if (gate === undefined) return [decided];
  const message = `${approved ? 'approved' : 'rejected'} by ${actor}${reason === '' ? '' : `: ${reason}`}`;
  const judged = judge(plan, state, step, gate, { passed: approved, message, evidence: { approvalId, payloadHash } }, nowMs);
  // It still looks open to what calls back the step's approvals, but it is decided.
  return [decided, ...judged.filter((event) => event.type !== 'ApprovalVoided' || event.data.approvalId !== approvalId)];
}

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
  if (state.ending !== null) return [];
  const error = { code: 'CANCELLED', message: reason };
  return endRun(plan, state, { outcome: 'cancelled', error, step: null, requestedBy: actor });
}
