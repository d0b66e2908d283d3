import type { RunEvent } from '@tutti/contracts';
import { TuttiError } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import type { CommandOf } from './run.commands.js';
import { failStep } from './run.ending.js';
import { isOpen, type RunState, type TaskState } from './run.state.js';
import { stepState } from './run.step-state.js';
import { workSucceeded } from './run.works.js';

/** The event counts only while the attempt that waited for it still does: it may have timed out, or have got another. */
export function takeEvent(command: CommandOf<'TakeEvent'>, state: RunState): readonly RunEvent[] {
  const task = waitingTask(command, state);
  return task === null ? [] : [workSucceeded(task, command.output, command.nowMs, command.eventId)];
}

export function failWait(plan: Plan, command: CommandOf<'FailWait'>, state: RunState): readonly RunEvent[] {
  const task = waitingTask(command, state);
  return task === null ? [] : failStep(plan, stepState(state, task.step), state, command.error);
}

function waitingTask({ task: id, attempt }: { readonly task: string; readonly attempt: number }, state: RunState): TaskState | null {
  const task = state.tasks.get(id);
  return isOpen(state) && task?.status === 'begun' && task.attempt === attempt && task.work.kind === 'event' ? task : null;
}

/** Of one run, whoever sets them. */
const MAX_VARIABLES = 1_000;

/** @throws TuttiError RUN_ENDED, INVALID_REQUEST */
export function changeVariables({ values, actor, reason }: CommandOf<'SetVariables'>, state: RunState): readonly RunEvent[] {
  if (!isOpen(state)) throw new TuttiError('RUN_ENDED', `run ${state.runId} has already ${state.status}; its variables stay as they are`);
  const count = new Set([...state.variables.keys(), ...Object.keys(values)]).size;
  if (count > MAX_VARIABLES)
    throw new TuttiError('INVALID_REQUEST', `run ${state.runId} would have ${count} variables; at most ${MAX_VARIABLES} are taken`);
  return [{ type: 'VariablesSet', data: { values, step: null, setBy: actor, reason } }];
}

/** What did not come in time, for the error of a wait that has timed out; null for other work. */
export function describeWait({ work }: TaskState): string | null {
  if (work.kind === 'signal') return `no signal "${work.name}"`;
  if (work.kind === 'event') return `no event "${work.eventType}"${work.source === null ? '' : ` from "${work.source}"`}`;
  return null;
}
