import { TuttiError, type JsonObject } from '@tutti/kernel';
import { describeProblems } from './json-schema.js';
import type { Plan } from './plan.js';

/** @throws TuttiError INPUT_INVALID with every problem */
export function checkInputs(plan: Plan, inputs: JsonObject): void {
  const problems = plan.inputs?.check(inputs) ?? [];
  if (problems.length === 0) return;
  throw new TuttiError('INPUT_INVALID', `inputs of workflow "${plan.name}" version ${plan.version}: ${describeProblems(problems)}`, {
    details: { problems: problems.map((problem) => ({ ...problem })) },
  });
}
