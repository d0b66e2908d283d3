import { KEY_FIELD, refuse } from '../definition.js';
import type { FieldTest, Range } from '../query/field-test.js';
import type { QueryPlan } from '../query/query-plan.js';
import type { FieldPath, Scalar } from '../read-models.port.js';
import { NUMBERS, sqlValue, TEXTS, type SqlValue } from './schema.js';

interface Sql {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

const NOTHING: Sql = { sql: '0', values: [] };

/** The plan as one SELECT of key, position and document that walks an index from where the cursor points. */
export function selectSql(plan: QueryPlan, table: string, columns: ReadonlyMap<FieldPath, string>): Sql {
  const column = (field: FieldPath) => (field === KEY_FIELD ? 'key' : (columns.get(field) ?? refuse(`field ${field} has no index`)));
  const terms = plan.tests.flatMap((test) => {
    // The cursor's bound on the first sort field is the tighter one; `+` keeps SQLite from starting at this field's own bound instead.
    const passed = plan.after !== null && test.field === plan.sort[0] ? plan.direction : null;
    return fieldTerms(test.field === KEY_FIELD ? onlyText(test) : test, column(test.field), passed);
  });
  if (plan.after !== null) terms.push(afterTerm(plan, plan.sort.map(column), plan.after));
  const order = plan.sort.map((field) => `${column(field)} ${plan.direction}`).join(', ');
  const where = ['document IS NOT NULL', ...terms.map((term) => term.sql)].join(' AND ');
  return {
    sql: `SELECT key, position, document FROM ${table} WHERE ${where} ORDER BY ${order} LIMIT ?`,
    values: [...terms.flatMap((term) => term.values), plan.limit],
  };
}

function afterTerm(plan: QueryPlan, columns: readonly string[], after: readonly Scalar[]): Sql {
  const operator = plan.direction === 'asc' ? '>' : '<';
  return { sql: `(${columns.join(', ')}) ${operator} (${columns.map(() => '?').join(', ')})`, values: after.map(sqlValue) };
}

/** Keys are text; without this the column's affinity would turn the number 5 into the key "5". */
function onlyText(test: FieldTest): FieldTest {
  const values = test.values?.filter((value) => typeof value === 'string') ?? null;
  return test.ranges.some((range) => range.type === 'number') ? { ...test, values: [] } : { ...test, values };
}

function fieldTerms(test: FieldTest, column: string, passed: 'asc' | 'desc' | null): readonly Sql[] {
  const terms = test.ranges.map((range) => rangeTerm(range, column, passed));
  return test.values === null ? terms : [...terms, valuesTerm(test.values, column)];
}

function valuesTerm(values: readonly Scalar[], column: string): Sql {
  const last = values.at(-1);
  if (last === undefined) return NOTHING;
  // Filled up to a power of two, so that lists of all lengths share few statements.
  const size = 2 ** Math.ceil(Math.log2(values.length));
  const padded = [...values, ...Array.from({ length: size - values.length }, () => last)];
  return { sql: size === 1 ? `${column} = ?` : `${column} IN (${padded.map(() => '?').join(', ')})`, values: padded.map(sqlValue) };
}

function rangeTerm({ type, lower, upper }: Range, column: string, passed: 'asc' | 'desc' | null): Sql {
  const low = passed === 'asc' ? `+${column}` : column;
  const high = passed === 'desc' ? `+${column}` : column;
  const typeLow = type === 'number' ? `> ${NUMBERS.above}` : `>= ${TEXTS.from}`;
  const typeHigh = type === 'number' ? `< ${NUMBERS.below}` : `< ${TEXTS.below}`;
  const lowSql = lower === null ? `${low} ${typeLow}` : `${low} ${lower.inclusive ? '>=' : '>'} ?`;
  const highSql = upper === null ? `${high} ${typeHigh}` : `${high} ${upper.inclusive ? '<=' : '<'} ?`;
  return { sql: `${lowSql} AND ${highSql}`, values: [lower, upper].flatMap((bound) => (bound === null ? [] : [sqlValue(bound.value)])) };
}
