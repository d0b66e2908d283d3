import type { Failure, RunEvent } from '@tutti/contracts';
import { findStep, type Plan, type StepPlan } from '../definition/plan.js';
import { callBack } from './run.call-back.js';
import type { RunEnding, RunState, StepState } from './run.state.js';
import { clearStep, closeGate, closeGates, stepState } from './run.step-state.js';

/** How a run is to end, other than well. */
export interface Ending {
  readonly outcome: RunEnding['outcome'];
  readonly error: Failure;
  /** The step that failed; null when it was none. */
  readonly step: string | null;
  readonly requestedBy: string;
}

/** Calls back what is out and ends the run, after what was done is undone and the failure handler has run. */
export function endRun(plan: Plan, state: RunState, ending: Ending): readonly RunEvent[] {
  const reason = ending.outcome === 'cancelled' ? 'the run was cancelled' : 'the run failed';
  const calledBack = callBack(state, () => true, reason);
  const steps = stepsToUndo(plan, state);
  const isOver = steps.length === 0 && !handlesFailure(plan, ending);
  // What is left to do must not wait for somebody to let a held run go on.
  const resumed: readonly RunEvent[] =
    state.status === 'paused' && !isOver ? [{ type: 'RunResumed', data: { resumedBy: ending.requestedBy, reason } }] : [];
  if (steps.length === 0) return [...resumed, ...calledBack, ...afterCompensation(plan, ending)];
  return [...resumed, ...calledBack, { type: 'CompensationStarted', data: { ...ending, steps } }];
}

function handlesFailure(plan: Plan, { outcome }: Ending): boolean {
  return outcome === 'failed' && plan.onFailure !== null;
}

/** What follows once what ran last for the ending has ended. */
export function followEnding(plan: Plan, state: RunState, ending: RunEnding): readonly RunEvent[] {
  if (ending.phase === 'handling') return state.inner.size === 0 ? [lastEvent(ending)] : [];
  if (ending.phase === 'compensated') return afterCompensation(plan, ending);
  if (ending.done < ending.steps.length) return [];
  const isUndone = (id: string): boolean => stepState(state, id).status === 'succeeded';
  const compensated = ending.steps.filter(isUndone).map(undoneStep);
  const failed = ending.steps.filter((id) => !isUndone(id)).map(undoneStep);
  return [{ type: 'CompensationEnded', data: { compensated, failed } }];
}

/** Whatever may have been done and can be undone: newest first. */
function stepsToUndo(plan: Plan, state: RunState): readonly string[] {
  const done: StepState[] = [];
  for (const step of state.steps.values()) if (findUndo(plan, step) !== null && hasEffects(step)) done.push(step);
  return done.sort((a, b) => orderOf(b) - orderOf(a)).flatMap((step) => findUndo(plan, step) ?? []);
}

function findUndo(plan: Plan, { id }: StepState): string | null {
  return plan.steps.get(id)?.compensation ?? null;
}

/** What a handler did instead of the step is not the step's to undo, but a list that was done in part is. */
function hasEffects(step: StepState): boolean {
  return (step.completion > 0 && step.caught === null) || partsDone(step).length > 0;
}

/** A step that was not completed was at work last. */
function orderOf({ completion }: StepState): number {
  return completion === 0 ? Infinity : completion;
}

/** Places in the list of a fan-out whose work was done, though the step as a whole was not. */
export function partsDone(step: StepState): readonly number[] {
  const fanOut = step.leftBehind ?? step.fanOut;
  return fanOut === null ? [] : fanOut.outputs.flatMap((output, index) => (output === undefined ? [] : [index]));
}

function afterCompensation(plan: Plan, ending: Ending): readonly RunEvent[] {
  const { outcome, error, step, requestedBy } = ending;
  if (handlesFailure(plan, ending)) return [{ type: 'FailureHandlerStarted', data: { error, step } }];
  return [lastEvent({ outcome, error, step, requestedBy })];
}

function lastEvent({ outcome, error, step, requestedBy }: Ending): RunEvent {
  if (outcome === 'cancelled') return { type: 'RunCancelled', data: { cancelledBy: requestedBy, reason: error.message } };
  return { type: 'RunFailed', data: { error, step } };
}

function undoneStep(inner: string): string {
  return inner.slice('undo:'.length);
}

/** The handler of the step for this error; null when none fits, or one has run already. */
function handlerFor(plan: StepPlan, step: StepState, code: string): number | null {
  if (step.caught !== null) return null;
  const found = plan.catches.findIndex(({ codes }) => codes === null || codes.some((pattern) => matchesCode(pattern, code)));
  return found < 0 ? null : found;
}

/** "payment.*" stands for every code that begins with "payment.". */
export function matchesCode(pattern: string, code: string): boolean {
  return pattern.endsWith('*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code;
}

/** Calls back what the step still has out; then it fails, or a handler of it takes over. */
export function failStep(plan: Plan, step: StepState, state: RunState, error: Failure): readonly RunEvent[] {
  const calledBack = callBack(state, (id) => id === step.id, `step "${step.id}" failed`);
  const stepPlan = findStep(plan, step.id);
  const handler = stepPlan === undefined ? null : handlerFor(stepPlan, step, error.code);
  if (handler === null) return [...calledBack, { type: 'StepFailed', data: { step: step.id, error } }];
  return [...calledBack, { type: 'StepCaught', data: { step: step.id, handler, error } }];
}

type EndingEvent = Extract<
  RunEvent,
  { readonly type: 'StepCaught' | 'CompensationStarted' | 'CompensationEnded' | 'FailureHandlerStarted' }
>;

export function evolveEnding(state: RunState, event: EndingEvent): RunState {
  switch (event.type) {
    case 'StepCaught': {
      const { step: id, handler, error } = event.data;
      const step = stepState(state, id);
      const leftBehind = step.fanOut;
      closeGate(state, step);
      clearStep(step);
      Object.assign(step, { caught: { handler, error }, leftBehind });
      return state;
    }
    case 'CompensationStarted': {
      const { outcome, error, step, requestedBy, steps } = event.data;
      state.ending = { outcome, error, step, requestedBy, phase: 'compensating', steps, done: 0 };
      closeGates(state);
      startInner(state, steps?.[0]);
      return state;
    }
    case 'CompensationEnded':
      if (state.ending !== null) state.ending.phase = 'compensated';
      return state;
    case 'FailureHandlerStarted': {
      const { error, step } = event.data;
      const requestedBy = state.ending?.requestedBy ?? '';
      state.ending = { outcome: 'failed', error, step, requestedBy, phase: 'handling', steps: [], done: 0 };
      closeGates(state);
      startInner(state, 'on-failure:');
      return state;
    }
  }
}

/** An inner step has ended: of compensations the next begins. */
export function innerEnded(state: RunState, id: string): void {
  const { ending } = state;
  if (!state.inner.has(id) || ending === null) return;
  state.inner.delete(id);
  if (stepState(state, id).status === 'succeeded') state.undone.add(undoneStep(id));
  if (ending.phase === 'compensating') startInner(state, ending.steps[++ending.done]);
}

function startInner(state: RunState, id: string | undefined): void {
  if (id === undefined) return;
  const step = stepState(state, id);
  // It may have been broken off in its midst, in a run that was ended by force and repaired since.
  if (step.status !== 'pending') clearStep(step);
  state.inner.add(id);
}
