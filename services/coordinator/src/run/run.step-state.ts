import type { FanOutState, RunState, StepState, StepStatus, TaskState } from './run.state.js';

/** The step's state, made when nothing has happened to it yet. */
export function stepState(state: RunState, id: string): StepState {
  let step = state.steps.get(id);
  if (step === undefined) {
    step = {
      id,
      status: 'pending',
      visit: 1,
      fanOut: null,
      task: null,
      output: null,
      gatesPassed: 0,
      gateUses: new Map(),
      pendingApproval: null,
      openGate: null,
      asks: null,
      workMs: 0,
      decisions: new Map(),
      feedback: [],
      failedTask: null,
      error: null,
      iteration: 1,
      last: null,
      repeatDone: false,
      notBeforeMs: 0,
      caught: null,
      leftBehind: null,
      inputOverride: null,
      completion: 0,
    };
    state.steps.set(id, step);
  }
  return step;
}

export function hasEnded(status: StepStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'skipped';
}

/** Pending before it begins again counts: it has left its mark. */
export function hasBegun({ status, iteration, caught }: StepState): boolean {
  return status !== 'pending' || iteration > 1 || caught !== null;
}

/** Makes the task the step's, and open. */
export function addTask(state: RunState, task: TaskState): RunState {
  const step = stepState(state, task.step);
  state.tasks.set(task.id, task);
  state.openTasks.add(task);
  step.status = 'running';
  if (step.fanOut === null) {
    step.task = task;
  } else {
    step.fanOut.scheduled = (task.index ?? step.fanOut.scheduled) + 1;
    step.fanOut.open++;
  }
  return state;
}

/** Back to pending, for another visit. */
export function clearStep(step: StepState): void {
  step.status = 'pending';
  step.visit++;
  step.fanOut = null;
  step.task = null;
  step.output = null;
  step.gatesPassed = 0;
  step.failedTask = null;
  step.error = null;
  step.iteration = 1;
  step.last = null;
  step.repeatDone = false;
  step.notBeforeMs = 0;
  step.caught = null;
  step.leftBehind = null;
  step.inputOverride = null;
  step.completion = 0;
  step.workMs = 0;
  step.asks = null;
  step.decisions.clear();
}

/** The step's next gate takes time: an inner step does its work. */
export function openGate(state: RunState, { step, inner }: { readonly step: string; readonly inner: string }): RunState {
  const judge = stepState(state, inner);
  if (judge.status !== 'pending') clearStep(judge);
  stepState(state, step).openGate = inner;
  state.inner.add(inner);
  return state;
}

/** The gate's work counts no more. */
export function closeGate(state: RunState, step: StepState): void {
  if (step.openGate === null) return;
  state.inner.delete(step.openGate);
  step.openGate = null;
}

/** Of a run that is to end, or has: what was at work on gates was called back, and will not come to a verdict. */
export function closeGates(state: RunState): void {
  for (const id of [...state.inner]) if (servedStep(id) !== id) closeGate(state, stepState(state, servedStep(id)));
}

/** The step of the definition that an inner step works for. */
export function servedStep(id: string): string {
  return id.startsWith('gate:') ? id.slice('gate:'.length, id.lastIndexOf('.')) : id;
}

/** The next place in the list that is neither done nor begun; `count` when there is none. In a run that was repaired some are done already. */
export function nextPlace({ scheduled, count, outputs }: FanOutState, from = scheduled): number {
  let place = from;
  while (place < count && outputs[place] !== undefined) place++;
  return place;
}
