import type { RunEvent } from '@tutti/contracts';
import { assertNever, isoTime, TuttiError, type Decider } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import { migrateRun } from '../versions/migrate-run.js';
import { decideApproval, delegateApproval, tickApprovals } from './run.approvals.js';
import { attemptFailed, nextRetry } from './run.attempts.js';
import { recordChildEnd } from './run.children.js';
import type { CommandOf, RunCommand } from './run.commands.js';
import { endRun } from './run.ending.js';
import { evolveRun } from './run.evolve.js';
import { cancelRun, pauseRun, resumeRun } from './run.interventions.js';
import { followingEvents } from './run.progress.js';
import { repairRun } from './run.repair.js';
import { takeUp } from './run.resolutions.js';
import { receiveSignal } from './run.signals.js';
import { initialRunState, isOpen, type RunState } from './run.state.js';
import { assignTask, endSilentAttempt, loseAttempt, recordResult } from './run.tasks.js';
import { changeVariables, describeWait, failWait, takeEvent } from './run.waits.js';
import { workSucceeded } from './run.works.js';
import { COORDINATOR_ACTOR } from './coordinator-actor.js';

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

function tick(plan: Plan, command: CommandOf<'Tick'>, state: RunState): readonly RunEvent[] {
  if (!isOpen(state)) return [];
  if (state.deadlineMs !== null && state.deadlineMs <= command.nowMs && state.ending === null) {
    const error = { code: 'TIMED_OUT', message: `the run did not end before its deadline ${isoTime(state.deadlineMs)}` };
    return endRun(plan, state, { outcome: 'failed', error, step: null, requestedBy: COORDINATOR_ACTOR });
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
