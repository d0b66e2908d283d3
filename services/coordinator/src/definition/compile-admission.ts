import { DEFAULT_PRIORITY, type StepDefinition, type TaskLimit } from '@tutti/contracts';
import type { JsonValue } from '@tutti/kernel';
import type { Expression } from '../expressions/expression.js';
import type { Template } from '../expressions/template.js';
import { PLAIN_ADMISSION_PLAN, taskLimit, type Admission, type AdmissionPlan, type LimitPlan } from './admission.js';

type Path = readonly (string | number)[];

interface Tools {
  /** `workflow/step`, for limits without a key. */
  readonly stepName: string;
  readonly template: (text: string, path: Path) => Template;
  readonly expression: (text: string, path: Path) => Expression | null;
  readonly duration: (text: string, path: Path) => number | null;
}

/** Makes a step's `routing`, `priority`, `concurrency` and `rateLimit` ready. */
export function compileAdmission(step: StepDefinition, at: Path, tools: Tools): AdmissionPlan {
  const { routing, priority, concurrency, rateLimit } = step;
  if (routing === undefined && priority === undefined && concurrency === undefined && rateLimit === undefined) return PLAIN_ADMISSION_PLAN;
  const strategy = routing === undefined ? 'least-loaded' : typeof routing === 'string' ? routing : routing.strategy;
  const givenKey = typeof routing === 'object' ? routing.key : undefined;
  const stickyKey = givenKey === undefined ? null : tools.template(givenKey, [...at, 'routing', 'key']);
  const urgency = typeof priority === 'string' ? (tools.expression(priority, [...at, 'priority']) ?? DEFAULT_PRIORITY) : priority;
  const limits: LimitPlan[] = [];
  const keyOf = (key: string | undefined, path: Path): Template | null => (key === undefined ? null : tools.template(key, path));
  if (concurrency !== undefined) {
    const key = keyOf(concurrency.key, [...at, 'concurrency', 'key']);
    limits.push({ kind: 'concurrency', key, limit: concurrency.limit, perMs: null });
  }
  if (rateLimit !== undefined) {
    const key = keyOf(rateLimit.key, [...at, 'rateLimit', 'key']);
    limits.push({ kind: 'rate', key, limit: rateLimit.limit, perMs: tools.duration(rateLimit.per, [...at, 'rateLimit', 'per']) ?? 1 });
  }
  const plan = { strategy, stickyKey, priority: urgency ?? DEFAULT_PRIORITY, limits };
  return { ...plan, fixed: fixedAdmission(plan, tools.stepName) };
}

function fixedAdmission({ strategy, stickyKey, priority, limits }: Omit<AdmissionPlan, 'fixed'>, stepName: string): Admission | null {
  if (typeof priority !== 'number') return null;
  if (strategy === 'sticky' && stickyKey?.kind !== 'constant') return null;
  const found: TaskLimit[] = [];
  for (const limit of limits) {
    if (limit.key !== null && limit.key.kind !== 'constant') return null;
    found.push(taskLimit(limit, limit.key === null ? null : textOf(limit.key.value), stepName));
  }
  const key = stickyKey?.kind === 'constant' ? textOf(stickyKey.value) : null;
  return { priority, routing: strategy === 'least-loaded' ? null : { strategy, key }, limits: found };
}

/** A key without expressions is a text; the schema says so. */
function textOf(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
