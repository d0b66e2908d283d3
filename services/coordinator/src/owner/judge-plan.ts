import type { JsonValue } from '@tutti/kernel';
import { compilePlan } from '../definition/compile-plan.js';
import type { PlanLimits } from '../definition/plan-limits.js';
import { describePlanProblems, planProblems } from '../definition/plan-problems.js';
import type { BodyPlan, ChildSource, Plan, StepPlan } from '../definition/plan.js';
import type { DefinitionProblem } from '../definition/source-map.js';
import type { GateVerdict } from './judge-verdicts.js';

type PlanSource = Extract<ChildSource, { readonly kind: 'plan' }>;

const NO_LIMITS: PlanLimits = { capabilities: null, maxSteps: 100 };

/** Whether the steps that take the plan up would: it is held against the limits of each `plan` step that reads this step. */
export function verdictOfPlan(plan: Plan, step: StepPlan, value: JsonValue): GateVerdict {
  const takers = takersOf(plan, step);
  const problems = new Map<string, DefinitionProblem>();
  for (const limits of takers.length === 0 ? [NO_LIMITS] : takers) {
    const compiled = compilePlan(value, plan.name, limits);
    if ('problems' in compiled) for (const problem of compiled.problems) problems.set(`${problem.path}\n${problem.message}`, problem);
  }
  if (problems.size === 0) return { passed: true, message: 'the plan can be taken up', evidence: null };
  const found = [...problems.values()];
  return {
    passed: false,
    message: `the plan cannot be taken up: ${describePlanProblems(found)}`,
    evidence: { problems: planProblems(found) },
  };
}

function takersOf(plan: Plan, step: StepPlan): readonly PlanSource[] {
  return [...plan.steps.values()].flatMap((other) =>
    step.dependents.has(other.id) ? sourcesOf(other.body).filter(({ from }) => from.readsAllSteps || from.steps.includes(step.id)) : [],
  );
}

function sourcesOf(body: BodyPlan): readonly PlanSource[] {
  if (body.kind === 'switch') return [...body.cases.values(), ...(body.otherwise === null ? [] : [body.otherwise])].flatMap(sourcesOf);
  return body.kind === 'child' && body.source.kind === 'plan' ? [body.source] : [];
}
