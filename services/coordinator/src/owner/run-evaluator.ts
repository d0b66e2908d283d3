import { TuttiError, type JsonObject, type JsonValue } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { Plan } from '../definition/plan.js';
import type { Evaluation, Evaluator } from '../expressions/evaluator.js';
import type { Expression } from '../expressions/expression.js';
import type { Scope } from '../expressions/scope.js';
import { expressionsOf, fillTemplate, type Template } from '../expressions/template.js';
import type { RunState } from '../run/run.state.js';
import { buildScope, peekScope } from './run-scope.js';

/** A run that asks. */
export interface Subject {
  readonly plan: Plan;
  readonly state: RunState;
}

/** At once where nothing has to be waited for, which is so for most steps. */
export type Maybe<Value> = Value | Promise<Value>;

/** Evaluates what definitions say over what a run knows. */
export class RunEvaluator {
  constructor(
    private readonly evaluator: Evaluator,
    readonly values: ValueStore,
  ) {}

  /** @throws TuttiError EXPRESSION_FAILED */
  fill(subject: Subject, template: Template, extra: JsonObject): Maybe<JsonValue | undefined> {
    if (template.kind === 'constant') return template.value;
    const expressions = expressionsOf(template);
    const request = { ...subject, expressions, extra };
    const scope = peekScope(this.values, request);
    if (scope === undefined) return buildScope(this.values, request).then((built) => this.fillIn(template, expressions, built));
    return this.fillIn(template, expressions, scope);
  }

  /** @throws TuttiError EXPRESSION_FAILED */
  evaluate(expression: Expression, scope: Scope): Maybe<JsonValue | undefined> {
    const answer = this.evaluator.evaluate(expression, scope);
    return answer instanceof Promise ? answer.then((evaluation) => valueOf(expression, evaluation)) : valueOf(expression, answer);
  }

  /** The expression's value over the run and `extra`. @throws TuttiError EXPRESSION_FAILED */
  async value(subject: Subject, expression: Expression, extra: JsonObject = {}): Promise<JsonValue | undefined> {
    return this.evaluate(expression, await buildScope(this.values, { ...subject, expressions: [expression], extra }));
  }

  private fillIn(template: Template, expressions: readonly Expression[], scope: Scope): Maybe<JsonValue | undefined> {
    const found = new Map<Expression, JsonValue | undefined>();
    const late: Promise<unknown>[] = [];
    for (const expression of expressions) {
      const value = this.evaluate(expression, scope);
      if (value instanceof Promise) late.push(value.then((came) => found.set(expression, came)));
      else found.set(expression, value);
    }
    const fill = (): JsonValue | undefined => fillTemplate(template, (expression) => found.get(expression));
    return late.length === 0 ? fill() : Promise.all(late).then(fill);
  }
}

/** For messages: what a value is, not what it says. */
export function describeType(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === null ? 'null' : typeof value === 'object' ? 'an object' : `${typeof value} ${JSON.stringify(value).slice(0, 100)}`;
}

function valueOf(expression: Expression, evaluation: Evaluation): JsonValue | undefined {
  if ('problem' in evaluation) throw new TuttiError('EXPRESSION_FAILED', `in "${expression.source}": ${evaluation.problem}`);
  return evaluation.value;
}
