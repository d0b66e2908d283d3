import { MAX_PRIORITY, MIN_PRIORITY, type TaskLimit, type TaskRouting } from '@tutti/contracts';
import { TuttiError, type JsonValue } from '@tutti/kernel';
import { taskLimit, type Admission, type AdmissionPlan } from '../definition/admission.js';
import type { Expression } from '../expressions/expression.js';
import type { Template } from '../expressions/template.js';

interface AdmissionTools {
  readonly runId: string;
  readonly workflow: string;
  readonly step: string;
  readonly fill: (template: Template) => Promise<JsonValue | undefined>;
  readonly evaluate: (expression: Expression) => Promise<JsonValue | undefined>;
}

const MAX_KEY_LENGTH = 500;

/** Finds out the keys and the priority of one task. @throws TuttiError EXPRESSION_FAILED for what makes no key or priority */
export async function resolveAdmission(plan: AdmissionPlan, tools: AdmissionTools): Promise<Admission> {
  if (plan.fixed !== null) return plan.fixed;
  const limits: TaskLimit[] = [];
  for (const limit of plan.limits) {
    const name = limit.kind === 'rate' ? 'rateLimit.key' : 'concurrency.key';
    const key = limit.key === null ? null : await keyOf(limit.key, name, tools);
    limits.push(taskLimit(limit, key, `${tools.workflow}/${tools.step}`));
  }
  return { priority: await priorityOf(plan.priority, tools), routing: await routingOf(plan, tools), limits };
}

async function routingOf({ strategy, stickyKey }: AdmissionPlan, tools: AdmissionTools): Promise<TaskRouting | null> {
  if (strategy === 'least-loaded') return null;
  if (strategy !== 'sticky') return { strategy, key: null };
  return { strategy, key: stickyKey === null ? tools.runId : await keyOf(stickyKey, 'routing.key', tools) };
}

async function priorityOf(priority: number | Expression, { step, evaluate }: AdmissionTools): Promise<number> {
  if (typeof priority === 'number') return priority;
  const value = await evaluate(priority);
  if (typeof value === 'number' && Number.isInteger(value) && value >= MIN_PRIORITY && value <= MAX_PRIORITY) return value;
  const found = value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
  throw new TuttiError(
    'EXPRESSION_FAILED',
    `priority of step "${step}" gave ${found}; expected a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}`,
  );
}

async function keyOf(template: Template, name: string, { step, fill }: AdmissionTools): Promise<string> {
  const value = await fill(template);
  const key = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  if (key !== '' && key.length <= MAX_KEY_LENGTH) return key;
  const found = key === '' ? 'nothing' : `${key.length} characters`;
  throw new TuttiError('EXPRESSION_FAILED', `${name} of step "${step}" gave ${found}; expected 1 to ${MAX_KEY_LENGTH} characters`);
}
