import jsonata from 'jsonata';
import type { JsonValue } from '@tutti/kernel';
import type { Expression } from '../../expressions/expression.js';
import { isTruthy } from '../../expressions/scope.js';
import { basicTypesOf } from './basic-types.js';
import { cannotMatch, listedValues } from './schema-empty.js';
import { ANY, flatten, typeOfSchema, typeOfValue, unionOf, type SchemaType } from './schema-type.js';
import { describeType } from './schema-words.js';
import { readPath, type TypeScope } from './type-scope.js';

export interface TypedExpression {
  /** Of its value, where it has one. */
  readonly type: SchemaType;
  /** What it does that can never work. */
  readonly problems: readonly string[];
}

/** Finds out what an expression gives. Plain paths, literals and what combines them are looked into; everything else may be anything. */
export function typeOfExpression(expression: Expression, scope: TypeScope): TypedExpression {
  if (expression.path !== null) {
    const { type, problem } = readPath(expression.path, scope);
    return { type, problems: problem === null ? [] : [problem] };
  }
  const typer = new ExpressionTyper(scope);
  const type = typer.typeOf(jsonata(expression.code).ast());
  return { type, problems: [...new Set(typer.problems)] };
}

/** Whether every value of the type counts as false, as where nothing is. */
export function isAlwaysFalse(type: SchemaType): boolean {
  const flat = flatten(type);
  const values = listedValues(flat);
  if (values !== null) return values.every((value) => !isTruthy(value));
  const { types } = basicTypesOf(flat);
  return types.size === 1 && types.has('null');
}

/** As JSONata's parser gives it; what belongs to what depends on `type`. */
interface Node {
  readonly type: string;
  readonly value?: JsonValue;
  readonly steps?: readonly Node[];
  readonly stages?: unknown;
  readonly predicate?: unknown;
  readonly focus?: unknown;
  readonly index?: unknown;
  readonly tuple?: unknown;
  readonly group?: unknown;
  readonly keepSingletonArray?: boolean;
  readonly lhs?: unknown;
  readonly rhs?: Node;
  readonly condition?: Node;
  readonly then?: Node;
  readonly else?: Node;
  readonly expression?: Node;
  readonly expressions?: readonly Node[];
  readonly arguments?: readonly Node[];
  readonly procedure?: Node;
}

const NUMBER = typeOfSchema({ type: 'number' });
const TEXT = typeOfSchema({ type: 'string' });
const TRUTH = typeOfSchema({ type: 'boolean' });
const FALSE = typeOfValue(false);
const ORDERED = typeOfSchema({ type: ['number', 'string'] });
const ARITHMETIC: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%']);
const ORDER: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

/** Goes only where the context is still the whole scope: not into predicates, later steps of a path, functions' bodies. */
class ExpressionTyper {
  readonly problems: string[] = [];

  constructor(private readonly scope: TypeScope) {}

  typeOf(node: Node | undefined): SchemaType {
    switch (node?.type) {
      case 'string':
      case 'number':
      case 'value':
        return node.value === undefined ? ANY : typeOfValue(node.value);
      case 'path':
        return this.path(node);
      case 'binary':
        return this.binary(node);
      case 'unary':
        return this.unary(node);
      case 'condition':
        this.typeOf(node.condition);
        return unionOf([this.typeOf(node.then), ...(node.else === undefined ? [] : [this.typeOf(node.else)])]);
      case 'block':
        return (node.expressions ?? []).map((inner) => this.typeOf(inner)).at(-1) ?? ANY;
      case 'bind':
        return this.typeOf(node.rhs);
      case 'apply':
        this.typeOf(node.lhs as Node);
        return ANY;
      case 'function':
        for (const argument of node.arguments ?? []) this.typeOf(argument);
        return this.scope.outcome?.[outcomeCall(node.procedure)] ?? ANY;
      default:
        return ANY;
    }
  }

  private path(node: Node): SchemaType {
    const steps = node.steps ?? [];
    const names: string[] = [];
    let isPlain = node.keepSingletonArray !== true && node.group === undefined;
    for (const { type, value, stages, predicate, focus, index, tuple, group } of steps) {
      if (type !== 'name' || typeof value !== 'string' || focus !== undefined || index !== undefined || tuple !== undefined) {
        isPlain = false;
        break;
      }
      names.push(value);
      if (stages !== undefined || predicate !== undefined || group !== undefined) {
        isPlain = false;
        break;
      }
    }
    const [first] = steps;
    if (names.length === 0) {
      this.typeOf(first);
      return ANY;
    }
    const { type, problem } = readPath(names, this.scope);
    if (problem !== null) this.problems.push(problem);
    return isPlain ? type : ANY;
  }

  private binary(node: Node): SchemaType {
    const left = this.typeOf(node.lhs as Node);
    const right = this.typeOf(node.rhs);
    const operator = typeof node.value === 'string' ? node.value : '';
    if (ARITHMETIC.has(operator)) return this.arithmetic(operator, left, right);
    if (ORDER.has(operator)) return this.order(operator, left, right);
    switch (operator) {
      case '&':
        return TEXT;
      case '=':
        return cannotMatch(left, right) ? FALSE : TRUTH;
      case 'and':
        return isAlwaysFalse(left) || isAlwaysFalse(right) ? FALSE : TRUTH;
      case 'or':
        return isAlwaysFalse(left) && isAlwaysFalse(right) ? FALSE : TRUTH;
      case 'in':
        return this.isNeverIn(left, node.rhs) ? FALSE : TRUTH;
      case '!=':
        return TRUTH;
      default:
        return ANY;
    }
  }

  /** `x in [literals]`, none of which x can be. */
  private isNeverIn(left: SchemaType, list: Node | undefined): boolean {
    if (list?.type !== 'unary' || list.value !== '[') return false;
    return (list.expressions ?? []).every(
      ({ type, value }) => (type === 'string' || type === 'number') && value !== undefined && cannotMatch(left, typeOfValue(value)),
    );
  }

  private arithmetic(operator: string, left: SchemaType, right: SchemaType): SchemaType {
    for (const side of [left, right]) {
      if (cannotMatch(side, NUMBER)) this.problems.push(`${describeType(side)} beside "${operator}"; expected a number`);
    }
    return NUMBER;
  }

  private order(operator: string, left: SchemaType, right: SchemaType): SchemaType {
    const found = [left, right].filter((side) => cannotMatch(side, ORDERED));
    for (const side of found) this.problems.push(`${describeType(side)} beside "${operator}"; expected a number or a string`);
    const isMixed = isOnly('number', left) ? isOnly('string', right) : isOnly('string', left) && isOnly('number', right);
    if (isMixed)
      this.problems.push(`"${operator}" between ${describeType(left)} and ${describeType(right)}; expected two numbers or two strings`);
    return TRUTH;
  }

  private unary(node: Node): SchemaType {
    switch (node.value) {
      case '-':
        this.typeOf(node.expression);
        return NUMBER;
      case '[':
        for (const item of node.expressions ?? []) this.typeOf(item);
        return typeOfSchema({ type: 'array' });
      case '{':
        if (Array.isArray(node.lhs))
          for (const pair of node.lhs as readonly (readonly Node[])[]) for (const side of pair) this.typeOf(side);
        return typeOfSchema({ type: 'object' });
      default:
        return ANY;
    }
  }
}

/** The name of a call like `failure()`; empty for JSONata's own functions. */
function outcomeCall(procedure: Node | undefined): string {
  const [name, ...more] = procedure?.type === 'path' ? (procedure.steps ?? []) : [];
  return more.length === 0 && typeof name?.value === 'string' ? name.value : '';
}

function isOnly(type: 'number' | 'string', of: SchemaType): boolean {
  const listed = listedValues(flatten(of));
  if (listed !== null) return listed.length > 0 && listed.every((value) => typeof value === type);
  const { types } = basicTypesOf(flatten(of));
  return types.size === 1 && types.has(type);
}
