import type { StoredValue } from '@tutti/contracts';
import { isJsonObject, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { Plan } from '../definition/plan.js';
import type { Template } from '../expressions/template.js';
import { initialRunState } from '../run/run.state.js';
import { describeType, type RunEvaluator } from './run-evaluator.js';

/** Characters in a label's value, at most; what is longer is no label. */
const MAX_LABEL_LENGTH = 500;

interface StartValues {
  /** What the definition's `labels` came to, under those of the start. */
  readonly labels: Readonly<Record<string, string>>;
  /** What its `variables` came to; absent when it has none. */
  readonly variables?: Readonly<Record<string, StoredValue>>;
}

interface StartRequest {
  readonly plan: Plan;
  readonly inputs: StoredValue;
  readonly labels: Readonly<Record<string, string>>;
}

/** Evaluates what a definition says of its runs' labels and variables, over the inputs, before a run starts. @throws TuttiError EXPRESSION_FAILED */
export async function startValues(evaluator: RunEvaluator, request: StartRequest): Promise<StartValues> {
  const { plan, labels } = request;
  if (plan.variables === null && plan.labels === null) return { labels };
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(await fill(evaluator, request, plan.labels)))
    if (value !== null) own[name] = labelOf(plan, name, value);
  if (plan.variables === null) return { labels: { ...own, ...labels } };
  const variables: Record<string, StoredValue> = {};
  for (const [name, value] of Object.entries(await fill(evaluator, request, plan.variables)))
    variables[name] = await evaluator.values.store(value);
  return { labels: { ...own, ...labels }, variables };
}

async function fill(evaluator: RunEvaluator, { plan, inputs }: StartRequest, template: Template | null): Promise<JsonObject> {
  if (template === null) return {};
  const state = Object.assign(initialRunState(), { inputs });
  const filled = (await evaluator.fill({ plan, state }, template, {})) ?? {};
  if (!isJsonObject(filled)) throw new TuttiError('INTERNAL', `workflow "${plan.name}" starts with ${describeType(filled)}`);
  return filled;
}

function labelOf(plan: Plan, name: string, value: JsonValue): string {
  if (typeof value === 'object')
    throw new TuttiError(
      'EXPRESSION_FAILED',
      `label "${name}" of workflow "${plan.name}" gave ${describeType(value)}; expected a text, a number or a truth value`,
    );
  const text = String(value);
  if (text.length <= MAX_LABEL_LENGTH) return text;
  throw new TuttiError(
    'EXPRESSION_FAILED',
    `label "${name}" of workflow "${plan.name}" has ${text.length} characters; at most ${MAX_LABEL_LENGTH} are taken`,
  );
}
