import { MAX_DEFINITION_BYTES, workflowDefinition } from '@tutti/contracts';
import { hashJson, type JsonValue } from '@tutti/kernel';
import { z } from 'zod';
import { compileGraph } from './compile-graph.js';
import { describeIssue } from './describe-issue.js';
import type { PlanOfDefinition } from './plan.js';
import { checkPlanLimits, type PlanLimits } from './plan-limits.js';
import { valueSource, type DefinitionProblem } from './source-map.js';

const plannedSteps = z.strictObject(workflowDefinition.pick({ steps: true, outputs: true }).shape);

/** Brackets within brackets; what goes deeper is refused before anything recurses over it. */
const MAX_DEPTH = 200;

type CompiledPlan = { readonly plan: PlanOfDefinition } | { readonly problems: readonly DefinitionProblem[] };

/**
 * Checks what a step has planned, `{steps, outputs?}`, like a definition, and makes it ready to run. Every problem is given, each with its path;
 * there are no lines.
 *
 * @param workflow the one whose run takes it up: its name is the plan's
 * @param limits null for a plan that was held against them before
 */
export function compilePlan(value: JsonValue, workflow: string, limits: PlanLimits | null): CompiledPlan {
  const source = valueSource(value);
  const refuse = (message: string): CompiledPlan => ({ problems: [source.at([], message)] });
  const depth = depthOf(value);
  if (depth > MAX_DEPTH) return refuse(`nested ${depth} deep; at most ${MAX_DEPTH} are taken`);
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MAX_DEFINITION_BYTES) return refuse(`plan of ${bytes} bytes; at most ${MAX_DEFINITION_BYTES} are taken`);
  const parsed = plannedSteps.safeParse(value, { reportInput: false });
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => describeIssue(source, issue)) };
  const problems: DefinitionProblem[] = [];
  const plan = compileGraph({ name: workflow, ...parsed.data }, hashJson(value), source, problems);
  if (problems.length === 0 && limits !== null)
    for (const { path, message } of checkPlanLimits(plan, limits)) problems.push(source.at(path, message));
  return problems.length > 0 ? { problems } : { plan };
}

/** Without recursion: it is what protects others from recursing too deep. Stops at the first level beyond {@link MAX_DEPTH}. */
function depthOf(value: JsonValue): number {
  let level: readonly JsonValue[] = [value];
  let depth = 0;
  while (depth <= MAX_DEPTH) {
    level = level.flatMap((member) => (typeof member === 'object' && member !== null ? Object.values<JsonValue>(member) : []));
    if (level.length === 0) return depth;
    depth++;
  }
  return depth;
}
