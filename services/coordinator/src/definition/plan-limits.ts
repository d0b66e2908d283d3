import { assertNever } from '@tutti/kernel';
import type { BodyPlan, PlanOfDefinition, StepPlan, WorkPlan } from './plan.js';

/** What a dynamic plan may be made of. */
export interface PlanLimits {
  /** What its steps may ask for; null for everything but {@link MUST_BE_NAMED}. */
  readonly capabilities: readonly string[] | null;
  readonly maxSteps: number;
}

interface LimitProblem {
  /** Where in the document, as far as it is known. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Programs that a gate runs: what an agent planned runs them only where the definition says so. */
const MUST_BE_NAMED: ReadonlySet<string> = new Set(['tutti.command']);
/** How a list of capabilities names a workflow that a planned step may run. */
const WORKFLOW_PREFIX = 'workflow:';

/** What of a compiled dynamic plan is not allowed. */
export function checkPlanLimits(plan: PlanOfDefinition, { capabilities, maxSteps }: PlanLimits): readonly LimitProblem[] {
  const problems: LimitProblem[] = [];
  let count = 0;
  for (const [block, graph] of [['', plan] as const, ...plan.blocks]) {
    count += graph.steps.size;
    for (const step of [...graph.steps.values(), ...graph.inner.values()]) {
      const path = ['steps', topStepOf(block === '' ? step.id : block)];
      const where = block === '' ? `step "${topStepOf(step.id)}"` : `step "${topStepOf(step.id)}" of the group in "${block}"`;
      for (const work of worksOf(step))
        for (const message of refusals(work, capabilities)) problems.push({ path, message: `${where} ${message}` });
    }
  }
  if (count > maxSteps)
    problems.push({ path: ['steps'], message: `${count} steps, those in groups included; at most ${maxSteps} are taken` });
  return problems;
}

/** The step of the document that an inner step, like `gate:a.sound`, or a group, like `a.case.x/b`, stands in. */
function topStepOf(id: string): string {
  return /^(?:[a-z-]+:)?([A-Za-z][\w-]*)/.exec(id)?.[1] ?? id;
}

/** "docs.*" stands for every capability that begins with "docs.". */
function isAllowed(capability: string, allowed: readonly string[] | null): boolean {
  if (allowed === null) return !MUST_BE_NAMED.has(capability);
  return allowed.some((pattern) => pattern === capability || (pattern.endsWith('*') && coversByPrefix(pattern, capability)));
}

function coversByPrefix(pattern: string, capability: string): boolean {
  return !MUST_BE_NAMED.has(capability) && capability.startsWith(pattern.slice(0, -1));
}

function refusals(work: WorkPlan, allowed: readonly string[] | null): readonly string[] {
  if (work.kind === 'task') {
    if (isAllowed(work.capability, allowed)) return [];
    return [`asks for "${work.capability}", which is not allowed here${sayAllowed(allowed)}`];
  }
  if (work.kind !== 'child') return [];
  const { source } = work;
  switch (source.kind) {
    case 'group':
      return [];
    case 'workflow':
      if (allowed === null || isAllowed(`${WORKFLOW_PREFIX}${source.name}`, allowed)) return [];
      return [`runs workflow "${source.name}", which is not allowed here${sayAllowed(allowed)}`];
    case 'plan':
      return nestedRefusals(source.capabilities, allowed);
    default:
      return assertNever(source, 'source of a child run');
  }
}

/** A plan in a plan may do no more than the one around it. */
function nestedRefusals(inner: readonly string[] | null, outer: readonly string[] | null): readonly string[] {
  if (inner === null)
    return outer === null ? [] : [`runs a plan of its own that may ask for everything; expected "capabilities"${sayAllowed(outer)}`];
  const wider = inner.filter((pattern) => !(outer === null ? !MUST_BE_NAMED.has(pattern) : coversPattern(pattern, outer)));
  return wider.map((pattern) => `runs a plan of its own that may ask for "${pattern}", which is not allowed here${sayAllowed(outer)}`);
}

function coversPattern(pattern: string, outer: readonly string[]): boolean {
  if (!pattern.endsWith('*')) return isAllowed(pattern, outer);
  return outer.some((other) => other.endsWith('*') && pattern.startsWith(other.slice(0, -1)));
}

function sayAllowed(allowed: readonly string[] | null): string {
  return allowed === null ? '; it must be named in "capabilities"' : `; allowed are ${allowed.length === 0 ? 'none' : allowed.join(', ')}`;
}

function worksOf(step: StepPlan): readonly WorkPlan[] {
  return [...worksOfBody(step.body), ...step.catches.map(({ body }) => body)];
}

function worksOfBody(body: BodyPlan): readonly WorkPlan[] {
  if (body.kind !== 'switch') return [body];
  return [...body.cases.values(), ...(body.otherwise === null ? [] : [body.otherwise])];
}
