import type { RunEvent } from '@tutti/contracts';
import type { Plan, StepPlan } from '../definition/plan.js';
import type { RunRequest } from './run.commands.js';
import { asksUntil } from './run.repeat.js';
import { addSignalRequests } from './run.signals.js';
import { endRun, failStep, followEnding, type Ending } from './run.ending.js';
import type { RunEnding, RunState, StepState, TaskState } from './run.state.js';
import { hasEnded, nextPlace, stepState } from './run.step-state.js';

const NOTHING: readonly RunEvent[] = [];

/** Events that follow from the state alone. Applying them may make more follow. */
export function followingEvents(plan: Plan, state: RunState): readonly RunEvent[] {
  if (state.status !== 'running') return [];
  if (state.ending !== null) return followingOfEnding(plan, state, state.ending);
  let events: readonly RunEvent[] = NOTHING;
  let open = 0;
  let failed: StepState | null = null;
  for (const step of plan.steps.values()) {
    const now = stepState(state, step.id);
    if (now.status === 'failed') failed ??= now;
    if (hasEnded(now.status)) continue;
    open++;
    const following = followingOfStep(plan, step, now, state);
    if (following.length > 0) events = events.length === 0 ? following : [...events, ...following];
  }
  if (state.inner.size > 0) events = [...events, ...followingOfInner(plan, state)];
  return open === 0 && failed !== null ? [...events, ...endRun(plan, state, endingOf(failed))] : events;
}

/** With the step's own code: it is what a program looks at. */
function endingOf({ id, error }: StepState): Ending {
  const { code = 'INTERNAL', message = 'see its events' } = error ?? {};
  return { outcome: 'failed', step: id, error: { code, message: `step "${id}" failed: ${message}` }, requestedBy: 'service:coordinator' };
}

function followingOfEnding(plan: Plan, state: RunState, ending: RunEnding): readonly RunEvent[] {
  const events = followingOfInner(plan, state);
  return events.length > 0 ? events : followEnding(plan, state, ending);
}

function followingOfInner(plan: Plan, state: RunState): readonly RunEvent[] {
  return [...state.inner].flatMap((id) => {
    const step = plan.inner.get(id);
    return step === undefined ? [] : followingOfStep(plan, step, stepState(state, id), state);
  });
}

function followingOfStep(whole: Plan, plan: StepPlan, step: StepState, state: RunState): readonly RunEvent[] {
  switch (step.status) {
    case 'pending': {
      if (plan.condition?.asksOutcome === true || !needsEnded(plan, state)) return NOTHING;
      const unmet = plan.needs.find((need) => stepState(state, need).status !== 'succeeded');
      if (unmet === undefined) return NOTHING;
      const message = `needs "${unmet}", which ${stepState(state, unmet).status === 'failed' ? 'failed' : 'was skipped'}`;
      return [{ type: 'StepSkipped', data: { step: plan.id, because: 'needs', message } }];
    }
    case 'running':
      return step.failedTask === null ? NOTHING : failStep(whole, step, state, describeFailure(step.failedTask));
    case 'gating':
      if (asksUntil(plan, step)) return NOTHING;
      return hasGatesLeft(plan, step) ? startGate(plan, step) : [{ type: 'StepSucceeded', data: { step: step.id } }];
    default:
      return NOTHING;
  }
}

/** What has to be found out before the run can go on, at most `limit`. Tasks that `isParked` wait for an agent already. */
export function openRequests(
  plan: Plan,
  state: RunState,
  nowMs: number,
  limit: number,
  isParked: (task: TaskState) => boolean,
): readonly RunRequest[] {
  if (state.status !== 'running') return [];
  const requests: RunRequest[] = [];
  for (const task of state.openTasks) {
    if (task.status === 'retrying' && task.retryMs <= nowMs && !isParked(task))
      requests.push(task.work.kind === 'agent' ? { kind: 'reassign', task: task.id } : { kind: 'again', step: task.step, task: task.id });
  }
  if (state.signals.untakenCount > 0) addSignalRequests(requests, state);
  if (state.ending !== null) return addInnerRequests(requests, plan, state, limit, nowMs);
  let allEnded = true;
  for (const step of plan.steps.values()) {
    if (requests.length >= limit) return requests;
    const now = stepState(state, step.id);
    if (!hasEnded(now.status)) allEnded = false;
    addStepRequests(requests, step, now, state, limit, nowMs);
  }
  if (state.inner.size > 0) addInnerRequests(requests, plan, state, limit, nowMs);
  if (allEnded) requests.push({ kind: 'outputs' });
  return requests;
}

function addInnerRequests(requests: RunRequest[], plan: Plan, state: RunState, limit: number, nowMs: number): RunRequest[] {
  for (const id of state.inner) {
    const step = plan.inner.get(id);
    if (step !== undefined) addStepRequests(requests, step, stepState(state, id), state, limit, nowMs);
  }
  return requests;
}

function addStepRequests(requests: RunRequest[], plan: StepPlan, step: StepState, state: RunState, limit: number, nowMs: number): void {
  const { fanOut } = step;
  if (step.status === 'pending' && step.notBeforeMs <= nowMs && needsEnded(plan, state)) {
    requests.push({ kind: 'start', step: plan.id });
  } else if (step.status === 'running' && fanOut !== null) {
    const room = Math.min(fanOut.concurrency - fanOut.open, limit - requests.length);
    let place = nextPlace(fanOut);
    if (place === fanOut.count && fanOut.open === 0) requests.push({ kind: 'join', step: plan.id });
    for (let child = 0; child < room && place < fanOut.count; child++, place = nextPlace(fanOut, place + 1))
      requests.push({ kind: 'child', step: plan.id, index: place });
  } else if (step.status === 'gating' && asksUntil(plan, step)) {
    requests.push({ kind: 'until', step: plan.id });
  } else if (step.status === 'gating' && step.pendingApproval === null && hasGatesLeft(plan, step) && canJudge(plan, step, state)) {
    requests.push({ kind: 'gate', step: plan.id, gate: step.gatesPassed });
  }
}

/** A gate that takes time has its work done by an inner step first. */
function startGate(plan: StepPlan, step: StepState): readonly RunEvent[] {
  const gate = plan.gates[step.gatesPassed];
  if (gate === undefined || !('inner' in gate) || step.openGate !== null || step.asks !== null) return NOTHING;
  return [{ type: 'GateStarted', data: { step: step.id, gate: gate.name, inner: gate.inner } }];
}

function canJudge(plan: StepPlan, step: StepState, state: RunState): boolean {
  const gate = plan.gates[step.gatesPassed];
  if (gate === undefined || !('inner' in gate) || step.asks !== null) return true;
  return step.openGate !== null && hasEnded(stepState(state, step.openGate).status);
}

/** What a handler gives is not judged: it stands for a step that failed. */
function hasGatesLeft(plan: StepPlan, step: StepState): boolean {
  return step.caught === null && step.gatesPassed < plan.gates.length;
}

export function needsEnded(plan: StepPlan, state: RunState): boolean {
  return plan.needs.every((need) => hasEnded(stepState(state, need).status));
}

function describeFailure(task: TaskState): { readonly code: string; readonly message: string } {
  const { code = 'AGENT_FAILED', message = 'the task failed' } = task.error ?? {};
  return { code, message: `task "${task.id}" failed at attempt ${task.attempt}: ${message}` };
}
