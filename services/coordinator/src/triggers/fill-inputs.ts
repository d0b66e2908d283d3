import { isJsonObject, TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { Evaluation, Evaluator } from '../expressions/evaluator.js';
import type { Expression } from '../expressions/expression.js';
import { expressionsOf, fillTemplate, type Template } from '../expressions/template.js';

/** @throws TuttiError EXPRESSION_FAILED · INPUT_INVALID when what comes out is no object */
export async function fillInputs(evaluator: Evaluator, template: Template, data: JsonObject): Promise<JsonObject> {
  const values = new Map<Expression, JsonValue | undefined>();
  for (const expression of expressionsOf(template)) values.set(expression, await valueOf(evaluator, expression, data));
  const filled = fillTemplate(template, (expression) => values.get(expression));
  if (isJsonObject(filled)) return filled;
  throw new TuttiError(
    'INPUT_INVALID',
    `the trigger’s inputs are ${JSON.stringify(filled)?.slice(0, 100) ?? 'nothing'}; expected an object`,
  );
}

/** @throws TuttiError EXPRESSION_FAILED */
export async function valueOf(evaluator: Evaluator, expression: Expression, data: JsonObject): Promise<JsonValue | undefined> {
  const found: Evaluation = await evaluator.evaluate(expression, { data, outcome: null });
  if ('problem' in found) throw new TuttiError('EXPRESSION_FAILED', `"${expression.source}": ${found.problem}`);
  return found.value;
}
