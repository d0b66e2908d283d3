import { describe, expect, it } from '@jest/globals';
import type { Query } from '../read-models.port.js';
import { planQuery } from './query-plan.js';

const definition = {
  name: 'tasks',
  version: 1,
  indexes: [
    ['tenant', 'status', 'dueAt'],
    ['status', 'priority'],
  ],
};

const CARRIED: readonly (readonly [what: string, query: Query])[] = [
  ['nothing', {}],
  ['a first field by range', { filter: { tenant: { $gt: 'a' } } }],
  [
    'a first field by range, sorted by it and on',
    {
      filter: { tenant: { $gt: 'a' } },
      sort: [
        ['tenant', 'asc'],
        ['status', 'asc'],
      ],
    },
  ],
  [
    'a list, sorted by it',
    {
      filter: { tenant: 't', status: { $in: ['a', 'b'] } },
      sort: [
        ['status', 'asc'],
        ['dueAt', 'asc'],
      ],
    },
  ],
  ['a list, sorted by what follows', { filter: { tenant: 't', status: { $in: ['a', 'b'] } }, sort: [['dueAt', 'asc']] }],
  ['a list of one, left out of the sort', { filter: { status: { $in: ['a'] } }, sort: [['priority', 'desc']] }],
  ['fields in another order than the index', { filter: { dueAt: 1, status: 'a', tenant: 't' } }],
  ['the first fields of the second index', { filter: { status: 'a', priority: { $lt: 3 } } }],
  ['a range of keys under a whole index', { filter: { status: 'a', priority: 1, _id: { $gt: 'k' } }, sort: [['_id', 'desc']] }],
  ['a key and any indexed fields by any test', { filter: { _id: 'k', dueAt: { $gt: 1 }, priority: { $gt: 1 } } }],
];

const NOT_CARRIED: readonly (readonly [what: string, query: Query])[] = [
  ['a gap between the fields', { filter: { tenant: 't', dueAt: 1 } }],
  ['a range before equality', { filter: { tenant: { $gt: 't' }, status: 'a' } }],
  ['a sort past a gap', { filter: { tenant: 't' }, sort: [['dueAt', 'asc']] }],
  ['a sort that does not begin with the range', { filter: { tenant: 't', status: { $gt: 'a' } }, sort: [['dueAt', 'asc']] }],
  [
    'a list in front of a range, sorted by the list',
    { filter: { status: { $in: ['a', 'b'] }, priority: { $gt: 1 } }, sort: [['status', 'asc']] },
  ],
  ['a key and another sort', { filter: { _id: 'k' }, sort: [['status', 'asc']] }],
];

describe('the plan of a query', () => {
  it.each(CARRIED)('is made where an index carries %s', (_what, query) => {
    expect(planQuery(definition, query).sort.at(-1)).toBe('_id');
  });

  it.each(NOT_CARRIED)('is refused for %s', (_what, query) => {
    expect(() => planQuery(definition, query)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining('(tenant, status, dueAt) (status, priority)') }),
    );
  });

  it('leaves fields pinned to one value out of the order', () => {
    expect(
      planQuery(definition, {
        filter: { tenant: 't', status: 'a' },
        sort: [
          ['tenant', 'desc'],
          ['status', 'desc'],
          ['dueAt', 'desc'],
        ],
      }),
    ).toMatchObject({
      sort: ['dueAt', '_id'],
      direction: 'desc',
    });
  });
});
