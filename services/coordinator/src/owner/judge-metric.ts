import { TuttiError, type JsonValue } from '@tutti/kernel';
import type { GatePlan, StepPlan } from '../definition/plan.js';
import type { RunState } from '../run/run.state.js';
import { stepState } from '../run/run.step-state.js';
import type { GateVerdict } from './judge-verdicts.js';
import { describeType } from './run-evaluator.js';

type MetricGate = Extract<GatePlan, { readonly type: 'metric' }>;

/** Holds a number against the gate's bounds. @param given what the gate's own expression came to @throws TuttiError EXPRESSION_FAILED for what is no number */
export function verdictOfMetric(state: RunState, step: StepPlan, gate: MetricGate, given: JsonValue | undefined): GateVerdict {
  const value = gate.metric === 'value' ? given : measure(gate.metric, state, step.id);
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new TuttiError(
      'EXPRESSION_FAILED',
      `metric of gate "${gate.name}" of step "${step.id}" gave ${describeType(value)}; expected a number`,
    );
  const { min, max } = gate;
  const passed = (min === null || value >= min) && (max === null || value <= max);
  const bounds = [min === null ? '' : `at least ${min}`, max === null ? '' : `at most ${max}`]
    .filter((bound) => bound !== '')
    .join(' and ');
  const message = `${gate.metric} is ${value}${passed ? '' : `; expected ${bounds}`}`;
  return { passed, message, evidence: { metric: gate.metric, value, min, max } };
}

function measure(metric: Exclude<MetricGate['metric'], 'value'>, state: RunState, id: string): number {
  const step = stepState(state, id);
  switch (metric) {
    case 'step.duration':
      return step.workMs / 1_000;
    case 'step.attempts':
      return attemptsOf(state, (task) => task.step === id);
    case 'run.attempts':
      return attemptsOf(state, () => true);
  }
}

function attemptsOf(state: RunState, isMeant: (task: { readonly step: string }) => boolean): number {
  let attempts = 0;
  for (const task of state.tasks.values()) if (isMeant(task)) attempts += task.attempt;
  return attempts;
}
