import { findStep, workOf, type Plan, type StepPlan, type WorkPlan } from '../definition/plan.js';
import type { RunState, StepState, TaskState } from './run.state.js';
import { stepState } from './run.step-state.js';

/** What the step's tasks are made of now: its body, a case of its switch, or the handler that caught its failure. Null for a switch without such a case. */
export function workNow(plan: StepPlan, step: StepState, branch: string | null): WorkPlan | null {
  if (step.caught !== null) return plan.catches[step.caught.handler]?.body ?? null;
  return workOf(plan.body, branch);
}

/** Of an open task. */
export function workOfTask(plan: Plan, state: RunState, task: TaskState): WorkPlan | null {
  const step = findStep(plan, task.step);
  return step === undefined ? null : workNow(step, stepState(state, task.step), task.branch);
}
