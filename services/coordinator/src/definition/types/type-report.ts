import type { JsonValue } from '@tutti/kernel';
import type { Expression } from '../../expressions/expression.js';
import { expressionsOf } from '../../expressions/template.js';
import { typeOfExpression } from './expression-type.js';
import { conflictOf } from './schema-conflict.js';
import { ANY, type SchemaType } from './schema-type.js';
import { expressionOf, templateOf } from './step-types.js';
import { templateConflicts } from './template-type.js';
import type { TypeScope } from './type-scope.js';

export type Path = readonly (string | number)[];

export interface TypeProblem {
  readonly path: Path;
  readonly message: string;
}

/** Collects what is wrong, each with its place. */
export class TypeReport {
  readonly problems: TypeProblem[] = [];

  /** @param lineOf 1-based line of a place in the definition's text; 0 when it has none */
  constructor(readonly lineOf: (path: Path) => number) {}

  add(path: Path, message: string): void {
    if (!this.problems.some((known) => known.message === message && known.path.join('/') === path.join('/'))) {
      this.problems.push({ path, message });
    }
  }

  /** Looks at every expression in the value, and says what it reads that can never be there. */
  reads(value: JsonValue | undefined, path: Path, scope: TypeScope): void {
    if (value === undefined) return;
    if (Array.isArray(value)) return value.forEach((item: JsonValue, index) => this.reads(item, [...path, index], scope));
    if (typeof value === 'object' && value !== null)
      return Object.entries(value).forEach(([key, member]) => this.reads(member, [...path, key], scope));
    if (typeof value !== 'string') return;
    for (const expression of expressionsOf(templateOf(value))) this.typeOf(expression, path, scope);
  }

  /** What one expression gives. */
  expression(text: string | undefined, path: Path, scope: TypeScope): SchemaType {
    const expression = expressionOf(text);
    return expression === null ? ANY : this.typeOf(expression, path, scope);
  }

  /** Says where an expression that has a value can never have one that is expected. */
  expects(text: string | undefined, expected: SchemaType, what: string, path: Path, scope: TypeScope): void {
    const expression = expressionOf(text);
    if (expression === null) return;
    const conflict = conflictOf(this.typeOf(expression, path, scope), expected);
    if (conflict !== null) this.add(path, `${expression.source} is ${conflict.found}, expected ${conflict.expected} for ${what}`);
  }

  /** Holds an input that is put together from constants and expressions against the schema of who takes it. */
  input(value: JsonValue, expected: SchemaType, who: string, path: Path, scope: TypeScope): void {
    const typeOf = (expression: Expression): SchemaType => typeOfExpression(expression, scope).type;
    for (const { path: inner, source, message } of templateConflicts(templateOf(value), expected, typeOf)) {
      const [name] = inner;
      const where = name === undefined ? `the input of ${who}` : `input "${inner.join('.')}" of ${who}`;
      this.add([...path, ...inner], source === null ? `${where}: ${message}` : `${source} ${message} for ${where}`);
    }
  }

  private typeOf(expression: Expression, path: Path, scope: TypeScope): SchemaType {
    const { type, problems } = typeOfExpression(expression, scope);
    for (const problem of problems)
      this.add(path, expression.source.startsWith(problem.split(' ')[0] ?? '') ? problem : `in "${expression.source}": ${problem}`);
    return type;
  }
}
