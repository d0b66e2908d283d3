import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { planQuery } from '../query/query-plan.js';
import type { Query } from '../read-models.port.js';
import { createCatalog } from './catalog.js';
import { selectSql } from './select-sql.js';

const definition = { name: 'runs', version: 1, indexes: [['status', 'startedAt'], ['value']] };

/** What SQLite says it will do: one line for each table walked or sorted. */
function stepsOf(query: Query): readonly string[] {
  const database = new DatabaseSync(':memory:');
  const catalog = createCatalog(database);
  const id = catalog.define(definition);
  const { sql, values } = selectSql(planQuery(definition, query), `documents_${id}`, catalog.columns(id));
  const steps = Array.from(database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values), (row) => String(row['detail']));
  database.close();
  return steps;
}

function cursorFor(sort: string, ...values: readonly unknown[]): string {
  return Buffer.from(JSON.stringify([sort, ...values])).toString('base64url');
}

const WALKED_WITHOUT_SORTING: readonly (readonly [what: string, query: Query, step: string])[] = [
  ['by key', {}, 'SCAN documents_1'],
  ['by key after a cursor', { after: cursorFor('_id asc', 'k') }, 'SEARCH documents_1 USING PRIMARY KEY (key>?)'],
  ['by all fields of an index', { filter: { value: 1 } }, 'SEARCH documents_1 USING INDEX documents_1_f3 (f3=?)'],
  [
    'by equality, sorted, after a cursor',
    { filter: { status: 'x' }, sort: [['startedAt', 'desc']], after: cursorFor('startedAt,_id desc', 5, 'k') },
    'SEARCH documents_1 USING INDEX documents_1_f1_f2 (f1=? AND (f2,key)<(?,?))',
  ],
  [
    'by equality and range, sorted',
    { filter: { status: 'x', startedAt: { $gte: 1, $lt: 9 } }, sort: [['startedAt', 'asc']] },
    'SEARCH documents_1 USING INDEX documents_1_f1_f2 (f1=? AND f2>? AND f2<?)',
  ],
  [
    'sorted by a whole index',
    {
      sort: [
        ['status', 'desc'],
        ['startedAt', 'desc'],
      ],
    },
    'SCAN documents_1 USING INDEX documents_1_f1_f2',
  ],
  [
    'sorted, after a cursor',
    { sort: [['value', 'asc']], after: cursorFor('value,_id asc', null, 'k') },
    'SEARCH documents_1 USING INDEX documents_1_f3 ((f3,key)>(?,?))',
  ],
];

describe('a find on the embedded adapter', () => {
  it.each(WALKED_WITHOUT_SORTING)('walks one index and sorts nothing: %s', (_what, query, step) => {
    expect(stepsOf(query)).toEqual([step]);
  });

  it('starts at the cursor, not at the filter’s own bound', () => {
    const query: Query = { filter: { value: { $gt: 1, $lt: 9 } }, sort: [['value', 'asc']], after: cursorFor('value,_id asc', 5, 'k') };
    expect(stepsOf(query)).toEqual(['SEARCH documents_1 USING INDEX documents_1_f3 ((f3,key)>(?,?) AND f3<?)']);
  });

  it('puts values of the query nowhere into the statement', () => {
    const hostile = `'); DROP TABLE documents_1; --`;
    const plan = planQuery(definition, { filter: { status: hostile, startedAt: { $gt: hostile } }, sort: [['startedAt', 'asc']] });
    const { sql, values } = selectSql(
      plan,
      'documents_1',
      new Map([
        ['status', 'f1'],
        ['startedAt', 'f2'],
      ]),
    );
    expect(sql).not.toContain('DROP');
    expect(values).toContain(hostile);
  });

  it('shares statements between lists of different lengths', () => {
    const statement = (count: number) =>
      selectSql(
        planQuery(definition, { filter: { value: { $in: Array.from({ length: count }, (_, n) => n) } } }),
        'd',
        new Map([['value', 'f1']]),
      ).sql;
    expect(new Set([5, 6, 7, 8].map(statement)).size).toBe(1);
  });
});
