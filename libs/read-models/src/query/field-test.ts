import { isJsonObject } from '@tutti/kernel';
import { isScalar, refuse, show } from '../definition.js';
import type { Condition, FieldPath, Scalar } from '../read-models.port.js';
import { compareScalars } from './scalar-order.js';

interface Bound {
  readonly value: string | number;
  readonly inclusive: boolean;
}

/** Values of one type between two bounds, of which at least one is there. */
export interface Range {
  readonly type: 'number' | 'string';
  readonly lower: Bound | null;
  readonly upper: Bound | null;
}

/** One field's condition, checked and brought to one form: both parts must hold where both are there. */
export interface FieldTest {
  readonly field: FieldPath;
  /** The value must be among these, which are distinct; null means untested. */
  readonly values: readonly Scalar[] | null;
  /** The value must be in every one: two where bounds of both types were given, which nothing meets. */
  readonly ranges: readonly Range[];
}

const OPERATORS = ['$eq', '$in', '$gt', '$gte', '$lt', '$lte'] as const;
type Operator = (typeof OPERATORS)[number];
const MAX_IN_VALUES = 1000;

/** @throws TuttiError INVALID_REQUEST naming the operator or operand found and those allowed. */
export function parseCondition(field: FieldPath, condition: Condition | undefined): FieldTest {
  if (isScalar(condition)) return { field, values: [condition], ranges: [] };
  if (!isJsonObject(condition))
    refuse(
      `condition ${show(condition)} on ${field}: expected a string, finite number, boolean, null or operators (${OPERATORS.join(', ')})`,
    );
  const entries = Object.entries(condition);
  if (entries.length === 0) refuse(`condition {} on ${field}: expected at least one of ${OPERATORS.join(', ')}`);
  let values: readonly Scalar[] | null = null;
  const ranges = new Map<Range['type'], Range>();
  for (const [operator, operand] of entries) {
    if (!isOperator(operator)) refuse(`operator ${show(operator)} on ${field}: expected ${OPERATORS.join(', ')}`);
    if (operator === '$eq' || operator === '$in') {
      const given = operator === '$eq' ? [scalarOperand(field, operator, operand)] : listOperand(field, operand);
      values = values === null ? given : values.filter((value) => given.includes(value));
    } else {
      const range = parseRange(field, operator, operand);
      ranges.set(range.type, narrow(ranges.get(range.type), range));
    }
  }
  return { field, values, ranges: [...ranges.values()] };
}

export function passes(test: FieldTest, value: Scalar): boolean {
  return (test.values === null || test.values.includes(value)) && test.ranges.every((range) => inRange(range, value));
}

function inRange({ type, lower, upper }: Range, value: Scalar): boolean {
  if (typeof value !== type) return false;
  const aboveLower = lower === null ? 1 : compareScalars(value, lower.value);
  const belowUpper = upper === null ? 1 : compareScalars(upper.value, value);
  return (
    (aboveLower > 0 || (aboveLower === 0 && lower?.inclusive === true)) &&
    (belowUpper > 0 || (belowUpper === 0 && upper?.inclusive === true))
  );
}

function isOperator(operator: string): operator is Operator {
  return (OPERATORS as readonly string[]).includes(operator);
}

function scalarOperand(field: FieldPath, operator: Operator, operand: unknown): Scalar {
  if (!isScalar(operand)) refuse(`operand ${show(operand)} of ${operator} on ${field}: expected a string, finite number, boolean or null`);
  return operand;
}

function listOperand(field: FieldPath, operand: unknown): readonly Scalar[] {
  if (!Array.isArray(operand) || operand.length > MAX_IN_VALUES)
    refuse(`operand of $in on ${field}: expected a list of at most ${MAX_IN_VALUES} values`);
  return [...new Set(operand.map((value) => scalarOperand(field, '$in', value)))];
}

function parseRange(field: FieldPath, operator: '$gt' | '$gte' | '$lt' | '$lte', operand: unknown): Range {
  const value = scalarOperand(field, operator, operand);
  if (typeof value !== 'string' && typeof value !== 'number')
    refuse(`operand ${show(operand)} of ${operator} on ${field}: expected a string or a finite number`);
  const bound = { value, inclusive: operator === '$gte' || operator === '$lte' };
  const isLower = operator === '$gt' || operator === '$gte';
  return { type: typeof value === 'string' ? 'string' : 'number', lower: isLower ? bound : null, upper: isLower ? null : bound };
}

function narrow(known: Range | undefined, added: Range): Range {
  if (known === undefined) return added;
  return { type: added.type, lower: tighter(known.lower, added.lower, 1), upper: tighter(known.upper, added.upper, -1) };
}

function tighter(left: Bound | null, right: Bound | null, direction: 1 | -1): Bound | null {
  if (left === null || right === null) return left ?? right;
  const order = compareScalars(left.value, right.value) * direction;
  if (order === 0) return left.inclusive ? right : left;
  return order > 0 ? left : right;
}
