import { describe, expect, it } from '@jest/globals';
import { planQuery } from '../query/query-plan.js';
import type { Query, Scalar } from '../read-models.port.js';
import { cursorOf } from '../query/cursor.js';
import { mongoFind } from './find-filter.js';

const definition = { name: 'runs', version: 1, indexes: [['status', 'startedAt'], ['value']] };
const THERE = { removedAt: { $exists: false } };
const filterOf = (query: Query) => mongoFind(planQuery(definition, query))?.filter;

function after(value: Scalar, direction: 'asc' | 'desc'): unknown {
  const cursor = cursorOf({ sort: ['value', '_id'], direction }, 'k', { value });
  return filterOf({ sort: [['value', direction]], after: cursor })?.$or;
}

describe('a query in MongoDB’s language', () => {
  it('tests fields below the document, the key by itself, and only what was not removed', () => {
    const query: Query = { filter: { status: 'x', startedAt: { $gt: 1, $lte: 5 } }, sort: [['startedAt', 'desc']], limit: 3 };
    expect(mongoFind(planQuery(definition, query))).toEqual({
      filter: { 'document.status': { $eq: 'x' }, 'document.startedAt': { $gt: 1, $lte: 5 }, ...THERE },
      sort: [
        ['document.startedAt', -1],
        ['_id', -1],
      ],
      limit: 3,
    });
    expect(filterOf({ filter: { _id: { $in: ['a', 'b'] } } })).toEqual({ _id: { $in: ['a', 'b'] }, ...THERE });
  });

  it('is not asked where nothing can match', () => {
    expect(filterOf({ filter: { value: { $in: [] } } })).toBeUndefined();
    expect(filterOf({ filter: { value: { $gt: 0, $lt: 'z' } } })).toBeUndefined();
  });

  it('goes on after a value in its type, then in the types that follow, each by a range that an index has', () => {
    const equal = (value: Scalar, direction: '$gt' | '$lt') => ({ 'document.value': { $eq: value }, _id: { [direction]: 'k' } });
    const [texts, booleans] = [{ 'document.value': { $gte: '' } }, { 'document.value': { $in: [false, true] } }];
    const numbers = { 'document.value': { $gte: -Infinity } };
    const missing = { 'document.value': { $eq: null } };
    expect(after(7, 'asc')).toEqual([{ 'document.value': { $gt: 7 } }, texts, booleans, equal(7, '$gt')]);
    expect(after(7, 'desc')).toEqual([{ 'document.value': { $lt: 7 } }, missing, equal(7, '$lt')]);
    expect(after(null, 'asc')).toEqual([numbers, texts, booleans, equal(null, '$gt')]);
    expect(after(null, 'desc')).toEqual([equal(null, '$lt')]);
    expect(after(false, 'asc')).toEqual([{ 'document.value': { $eq: true } }, equal(false, '$gt')]);
    expect(after(true, 'desc')).toEqual([{ 'document.value': { $eq: false } }, missing, numbers, texts, equal(true, '$lt')]);
  });
});
