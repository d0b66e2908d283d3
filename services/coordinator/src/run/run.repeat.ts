import type { RunEvent } from '@tutti/contracts';
import { isoTime } from '@tutti/kernel';
import type { StepPlan } from '../definition/plan.js';
import type { Resolution } from './run.commands.js';
import type { RunState, StepState } from './run.state.js';
import { stepState } from './run.step-state.js';

/** The step's output is there, and it has not been asked whether that will do. What a handler gives stands for a step that failed: it is not asked. */
export function asksUntil(plan: StepPlan, step: StepState): boolean {
  return plan.repeat !== null && !step.repeatDone && step.caught === null;
}

export function repetitionDecided(
  { step, done, delayMs }: Extract<Resolution, { kind: 'until' }>,
  state: RunState,
  nowMs: number,
): readonly RunEvent[] {
  const { iteration } = stepState(state, step);
  const resumeAt = done || delayMs === 0 ? null : isoTime(nowMs + delayMs);
  return [{ type: 'RepetitionDecided', data: { step, iteration, again: !done, resumeAt } }];
}

/** Again: the step's work starts anew, as another visit, so that its tasks have names of their own. */
export function evolveRepetition(
  state: RunState,
  { step: id, iteration, again, resumeAt }: Extract<RunEvent, { type: 'RepetitionDecided' }>['data'],
): RunState {
  const step = stepState(state, id);
  if (!again) {
    step.repeatDone = true;
    return state;
  }
  step.last = step.output;
  step.iteration = iteration + 1;
  step.status = 'pending';
  step.visit++;
  step.fanOut = null;
  step.workMs = 0;
  step.task = null;
  step.output = null;
  step.gatesPassed = 0;
  step.failedTask = null;
  step.feedback = [];
  step.notBeforeMs = resumeAt === null ? 0 : Date.parse(resumeAt);
  if (resumeAt !== null) state.hasDelays = true;
  return state;
}

/** When the next step that repeats goes on; Infinity for never. A run that is to end repeats nothing any more. */
export function nextRepetitionMs({ steps, ending }: RunState): number {
  let atMs = Infinity;
  if (ending !== null) return atMs;
  for (const { status, notBeforeMs } of steps.values()) if (status === 'pending' && notBeforeMs > 0) atMs = Math.min(atMs, notBeforeMs);
  return atMs;
}
