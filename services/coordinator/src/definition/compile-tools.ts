import { parseDuration, type RetryDefinition } from '@tutti/contracts';
import type { JsonObject, JsonValue } from '@tutti/kernel';
import type { Expression } from '../expressions/expression.js';
import { compileTemplate, expressionsOf, type Template, type TemplateProblem } from '../expressions/template.js';
import { compileSchema, type CompiledSchema } from './json-schema.js';
import { NO_RETRY, type RetryPolicy } from './plan.js';
import type { ScopePlace, ScopeRules } from './scope-rules.js';
import type { DefinitionProblem, ParsedSource } from './source-map.js';

export type Path = readonly (string | number)[];

/** Where an expression stands: its place, and the step it belongs to, if any. */
export interface Standing {
  readonly place: ScopePlace;
  readonly step: string | null;
}

/** Compiles the small parts of a definition and gathers what is wrong with them, each with its line. */
export class CompileTools {
  constructor(
    private readonly source: ParsedSource,
    private readonly rules: ScopeRules,
    readonly problems: DefinitionProblem[],
  ) {}

  problem(path: Path, message: string): void {
    this.problems.push(this.source.at(path, message));
  }

  expression(text: string | undefined, path: Path, standing: Standing): Expression | null {
    if (text === undefined) return null;
    const template = this.template(text, path, standing);
    if (template.kind === 'expression') return template.expression;
    if (template.kind !== 'constant') this.problem(path, 'expected exactly one expression: "${{ … }}"');
    return null;
  }

  template(value: JsonValue, path: Path, { place, step }: Standing): Template {
    const found: TemplateProblem[] = [];
    const template = compileTemplate(value, found);
    for (const problem of found) this.problem([...path, ...problem.path], problem.message);
    for (const expression of expressionsOf(template)) {
      for (const message of this.rules.check(expression, place, step)) this.problem(path, `in "${expression.source}": ${message}`);
    }
    return template;
  }

  schema(schema: JsonObject | undefined, path: Path): CompiledSchema | null {
    if (schema === undefined) return null;
    try {
      return compileSchema(schema);
    } catch (error) {
      this.problem(path, `not a JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  duration(text: string | undefined, path: Path): number | null {
    if (text === undefined) return null;
    const ms = parseDuration(text);
    if (ms === null || ms < 1) this.problem(path, `duration "${text}"; expected at least 1ms`);
    return ms;
  }

  retry(retry: RetryDefinition | undefined, path: Path, otherwise: RetryPolicy = NO_RETRY): RetryPolicy {
    if (retry === undefined) return otherwise;
    const initialMs = parseDuration(retry.initialInterval) ?? 0;
    const maxMs = parseDuration(retry.maxInterval) ?? 0;
    if (maxMs < initialMs)
      this.problem([...path, 'maxInterval'], `maxInterval ${retry.maxInterval} is shorter than initialInterval ${retry.initialInterval}`);
    const { maxAttempts, backoff, jitter, journal } = retry;
    return { maxAttempts, initialMs, backoff, maxMs, jitter, journal };
  }
}
