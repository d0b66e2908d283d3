import jsonata from 'jsonata';
import type { JsonValue } from '@tutti/kernel';
import type { Expression } from '../../expressions/expression.js';

/** As JSONata's parser gives it. */
interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly stages?: unknown;
  readonly predicate?: unknown;
  readonly lhs?: Node;
  readonly rhs?: Node;
}

/**
 * What must hold for the condition to be true: paths and the one value that each must have, from `a = "x" and b = 1`. Only of what stays as it is while
 * the steps after it run: inputs and the outputs of steps.
 */
export function factsOf(condition: Expression | null): ReadonlyMap<string, JsonValue> {
  const facts = new Map<string, JsonValue>();
  if (condition !== null && condition.path === null) gather(jsonata(condition.code).ast() as unknown as Node, facts);
  return facts;
}

function gather(node: Node, facts: Map<string, JsonValue>): void {
  if (node.type !== 'binary') return;
  const { lhs, rhs } = node;
  if (lhs === undefined || rhs === undefined) return;
  if (node.value === 'and') {
    gather(lhs, facts);
    gather(rhs, facts);
  } else if (node.value === '=') {
    addFact(lhs, rhs, facts);
    addFact(rhs, lhs, facts);
  }
}

function addFact(side: Node, other: Node, facts: Map<string, JsonValue>): void {
  const { value } = other;
  const isLiteral = (other.type === 'string' || other.type === 'number') && (typeof value === 'string' || typeof value === 'number');
  const path = isLiteral ? lastingPath(side) : null;
  if (path !== null && isLiteral && !facts.has(path)) facts.set(path, value);
}

function lastingPath({ type, steps = [] }: Node): string | null {
  if (type !== 'path') return null;
  const names = steps.map((step) =>
    step.type === 'name' && step.stages === undefined && step.predicate === undefined ? step.value : null,
  );
  if (names.some((name) => typeof name !== 'string')) return null;
  const [root, , part] = names;
  return root === 'inputs' || (root === 'steps' && part === 'output') ? names.join('.') : null;
}
