import type { RunEvent, StoredValue } from '@tutti/contracts';
import { isoTime, TuttiError } from '@tutti/kernel';
import type { Plan, StepPlan } from '../definition/plan.js';
import { callBack } from './run.call-back.js';
import type { CommandOf } from './run.commands.js';
import { isOpen, type RunState } from './run.state.js';
import { clearStep, closeGate, closeGates, hasBegun, stepState } from './run.step-state.js';

/** Puts a run right: steps are done anew, with other input where given, or count as done. */
export function repairRun(plan: Plan, command: CommandOf<'RepairRun'>, state: RunState): readonly RunEvent[] {
  const { repairId, actor, reason, inputs, outputs, nowMs } = command;
  if (state.repairs.has(repairId)) return [];
  if (isOpen(state) && state.ending !== null)
    throw new TuttiError('NOT_REPAIRABLE', `run ${state.runId} is undoing what was done; repair it when it has ended`);
  if (!isOpen(state) && state.parent?.detached === false)
    throw new TuttiError(
      'NOT_REPAIRABLE',
      `run ${state.runId} did task "${state.parent.task}" of run ${state.parent.runId}, which no longer waits for it; repair that run`,
    );
  const completed = Object.keys(outputs);
  const broken = stepsToRetry(plan, state, command.steps === null);
  const named = [...(command.steps ?? []), ...broken.filter((id) => !completed.includes(id))];
  for (const id of [...named, ...completed, ...Object.keys(inputs)]) expectStep(plan, id);
  const steps = withDependents(plan, state, named, completed);
  for (const id of Object.keys(inputs)) expectInputFor(plan, id, steps);
  if (isOpen(state) && steps.length === 0 && completed.length === 0)
    throw new TuttiError('NOT_REPAIRABLE', `run ${state.runId} has no failed step to retry; name the steps to do anew`);
  if (state.status === 'succeeded' && steps.length === 0)
    throw new TuttiError('NOT_REPAIRABLE', `run ${state.runId} has succeeded; name the steps to do anew`);
  const calledBack = callBack(state, (id) => steps.includes(id) || completed.includes(id), `${actor} repaired the run`);
  const deadlineAt = plan.timeoutMs === null ? null : isoTime(nowMs + plan.timeoutMs);
  const kept = broken.filter((id) => steps.includes(id) && command.steps?.includes(id) !== true && keepsParts(plan, state, id, broken));
  const data = { repairId, steps, inputs, outputs, deadlineAt, repairedBy: actor, reason };
  return [...calledBack, { type: 'RunRepaired', data: kept.length === 0 ? data : { ...data, kept } }];
}

/** What a list has done stays, unless it was undone, or something that it needs is done anew. */
function keepsParts(plan: Plan, state: RunState, id: string, again: readonly string[]): boolean {
  const { fanOut, error } = stepState(state, id);
  // What a gate refused would be refused again.
  if (fanOut === null || state.undone.has(id) || error?.code === 'GATE_FAILED') return false;
  return !again.some((other) => plan.steps.get(other)?.dependents.has(id) === true);
}

/** What was broken off when the run ended and what was undone since; what failed as well, if so wanted. */
function stepsToRetry(plan: Plan, state: RunState, withFailed: boolean): readonly string[] {
  return [...plan.steps.values()].filter((step) => isBroken(step, state, withFailed)).map(({ id }) => id);
}

/** A step that waited for a verdict keeps its output and is judged again. */
function isBroken({ id, compensation }: StepPlan, state: RunState, withFailed: boolean): boolean {
  const { status } = stepState(state, id);
  if (status === 'failed') return withFailed;
  if (isOpen(state)) return false;
  return (compensation !== null && state.undone.has(id)) || status === 'running';
}

/** In the order of the definition; what needs a step that is done anew or counts as done now is done anew as well. */
function withDependents(plan: Plan, state: RunState, named: readonly string[], completed: readonly string[]): readonly string[] {
  const again = new Set(named);
  for (const id of [...named, ...completed]) for (const dependent of plan.steps.get(id)?.dependents ?? []) again.add(dependent);
  for (const id of completed) again.delete(id);
  return [...plan.steps.keys()].filter((id) => again.has(id) && (named.includes(id) || hasBegun(stepState(state, id))));
}

function expectStep(plan: Plan, id: string): void {
  if (plan.steps.has(id)) return;
  throw new TuttiError('INVALID_REQUEST', `workflow "${plan.name}" has no step "${id}"; steps are ${[...plan.steps.keys()].join(', ')}`);
}

function expectInputFor(plan: Plan, id: string, steps: readonly string[]): void {
  if (!steps.includes(id))
    throw new TuttiError('INVALID_REQUEST', `there is input for step "${id}", which is not done anew; expected one of ${steps.join(', ')}`);
  const step = plan.steps.get(id);
  if (step?.forEach !== null || step.body.kind === 'sleep' || step.body.kind === 'wait' || step.body.kind === 'switch')
    throw new TuttiError('INVALID_REQUEST', `step "${id}" takes no input; only a step with one task, one child run or \`set\` does`);
}

export function runRepaired(state: RunState, data: Extract<RunEvent, { readonly type: 'RunRepaired' }>['data']): RunState {
  const { repairId, steps, inputs, outputs, deadlineAt, kept = [] } = data;
  state.repairs.add(repairId);
  if (!isOpen(state)) {
    state.status = 'running';
    // Steps that waited for a verdict are judged anew.
    closeGates(state);
    state.inner.clear();
  }
  state.ending = null;
  state.deadlineMs = deadlineAt === null ? null : Date.parse(deadlineAt);
  for (const id of steps) {
    const { fanOut } = stepState(state, id);
    const step = again(state, id);
    step.inputOverride = inputs?.[id] ?? null;
    if (fanOut !== null && kept.includes(id)) Object.assign(step, { status: 'running', fanOut: { ...fanOut, scheduled: 0, open: 0 } });
  }
  for (const id in outputs) completeByHand(state, id, outputs[id]);
  return state;
}

function completeByHand(state: RunState, id: string, output: StoredValue | undefined): void {
  Object.assign(again(state, id), { status: 'succeeded', output: output ?? null, completion: ++state.completions });
}

function again(state: RunState, id: string) {
  const step = stepState(state, id);
  closeGate(state, step);
  clearStep(step);
  state.undone.delete(id);
  return step;
}
