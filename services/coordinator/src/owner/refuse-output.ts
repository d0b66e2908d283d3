import type { Failure } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import { describeProblems } from '../definition/json-schema.js';
import type { StepPlan } from '../definition/plan.js';

/** Holds what came of work that no agent does against the step's schema; null when it matches. */
export function refuseOutput({ id, output: schema }: StepPlan, what: string, value: JsonValue): Failure | null {
  const problems = schema?.check(value) ?? [];
  if (problems.length === 0) return null;
  const message = `${what} does not match the schema of step "${id}": ${describeProblems(problems)}`;
  return { code: 'OUTPUT_INVALID', message, details: { problems: problems.map((problem) => ({ ...problem })) } };
}
