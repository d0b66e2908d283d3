import type { RunEvent } from '@tutti/contracts';
import { assertNever, TuttiError } from '@tutti/kernel';
import { findStep, type Plan, type StepPlan } from '../definition/plan.js';
import { requestApproval } from './run.approvals.js';
import type { BegunWork, Resolution } from './run.commands.js';
import { endRun, failStep } from './run.ending.js';
import { judge, rulesOf } from './run.gates.js';
import { needsEnded } from './run.progress.js';
import { asksUntil, repetitionDecided } from './run.repeat.js';
import { signalLookedAt } from './run.signals.js';
import type { RunState } from './run.state.js';
import { nextPlace, stepState } from './run.step-state.js';
import { nextAttempt, scheduleTask, taskAssigned } from './run.tasks.js';
import { beginWork, setVariables } from './run.works.js';
import { taskId } from './task-id.js';

const COORDINATOR = 'service:coordinator';

/** What was found out counts only while the step is where it was when it was asked. */
export function takeUp(plan: Plan, resolution: Resolution, state: RunState, nowMs: number): readonly RunEvent[] {
  if ('step' in resolution && !isExpected(resolution, planOf(plan, resolution.step), state)) return [];
  switch (resolution.kind) {
    case 'skip':
      return [{ type: 'StepSkipped', data: { step: resolution.step, because: 'condition', message: resolution.message } }];
    case 'fan-out': {
      const { step, items, count } = resolution;
      return [{ type: 'FanOutStarted', data: { step, items, count, concurrency: planOf(plan, step).forEach?.concurrency ?? 1 } }];
    }
    case 'task':
      return [scheduleTask(planOf(plan, resolution.step), state, resolution)];
    case 'begin':
      return [beginWork(state, resolution, nowMs)];
    case 'set':
      return [setVariables(resolution)];
    case 'until':
      return repetitionDecided(resolution, state, nowMs);
    case 'signal':
      return signalLookedAt(resolution, state, nowMs);
    case 'joined':
      return [{ type: 'FanOutJoined', data: { step: resolution.step, output: resolution.output } }];
    case 'gate': {
      const gate = planOf(plan, resolution.step).gates[resolution.gate];
      return gate === undefined ? [] : judge(plan, state, stepState(state, resolution.step), gate, resolution, nowMs);
    }
    case 'approval': {
      const gate = planOf(plan, resolution.step).gates[resolution.gate];
      const rules = gate === undefined ? null : rulesOf(gate);
      if (gate === undefined || rules === null) return [];
      const step = stepState(state, resolution.step);
      const asked = requestApproval(state, step, gate.name, resolution, rules, nowMs);
      return 'type' in asked ? [asked] : judge(plan, state, step, gate, asked, nowMs);
    }
    case 'assigned': {
      const task = state.tasks.get(resolution.task);
      const attempt = task === undefined ? null : nextAttempt(task);
      return task === undefined || attempt === null ? [] : [taskAssigned(task, attempt, resolution.assignment)];
    }
    case 'step-failed':
      return failStep(plan, stepState(state, resolution.step), state, resolution.error);
    case 'outputs':
      return [{ type: 'RunSucceeded', data: { outputs: resolution.outputs } }];
    case 'run-failed':
      return endRun(plan, state, { outcome: 'failed', error: resolution.error, step: null, requestedBy: COORDINATOR });
    default:
      return assertNever(resolution, 'resolution');
  }
}

function isExpected(resolution: Extract<Resolution, { readonly step: string }>, plan: StepPlan, state: RunState): boolean {
  const step = stepState(state, plan.id);
  // A gate that was judged in the same round may have sent its needs back.
  const isReady = step.status === 'pending' && needsEnded(plan, state);
  switch (resolution.kind) {
    case 'skip':
    case 'fan-out':
      return isReady;
    case 'set':
      return isReady;
    case 'task':
      return resolution.index === null
        ? isReady
        : step.status === 'running' && step.fanOut !== null && nextPlace(step.fanOut) === resolution.index;
    case 'begin':
      if (resolution.attempt !== undefined) return isNextAttempt(state, resolution, resolution.attempt);
      return resolution.index === null
        ? isReady
        : step.status === 'running' && step.fanOut !== null && nextPlace(step.fanOut) === resolution.index;
    case 'joined':
      return step.status === 'running';
    case 'until':
      return step.status === 'gating' && asksUntil(plan, step);
    case 'signal':
      return step.status === 'running';
    case 'gate':
    case 'approval':
      return step.status === 'gating' && step.gatesPassed === resolution.gate;
    case 'step-failed':
      if (resolution.visit !== undefined && resolution.visit !== step.visit) return false;
      return isReady || step.status === 'running' || step.status === 'gating';
    default:
      return assertNever(resolution, 'resolution of a step');
  }
}

function isNextAttempt(state: RunState, { step, index }: BegunWork, attempt: number): boolean {
  const task = state.tasks.get(taskId(step, index, stepState(state, step).visit));
  return task?.status === 'retrying' && task.attempt + 1 === attempt;
}

function planOf(plan: Plan, step: string): StepPlan {
  const found = findStep(plan, step);
  if (found === undefined) throw new TuttiError('DATA_DAMAGED', `version ${plan.version} of workflow "${plan.name}" has no step "${step}"`);
  return found;
}
