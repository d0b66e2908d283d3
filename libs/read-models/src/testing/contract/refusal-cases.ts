import assert from 'node:assert/strict';
import { isTuttiError } from '@tutti/kernel';
import type { DocumentWrite, Query, ReadModelDefinition } from '../../read-models.port.js';
import { assertRejects, runs, writeAll, type ReadModelsCase } from './contract-case.js';

/** Queries as they come from outside, past the types. */
const QUERIES: readonly (readonly [what: string, query: unknown])[] = [
  ['an unknown operator', { filter: { value: { $ne: 1 } } }],
  ['an unknown operator beside a known one', { filter: { value: { $gt: 1, $exists: true } } }],
  ['a regular expression', { filter: { value: { $regex: '^a' } } }],
  ['an operator in place of a field', { filter: { $or: [{ value: 1 }] } }],
  ['$where', { filter: { $where: 'true' } }],
  ['an array as condition', { filter: { value: [1] } }],
  ['an object as condition', { filter: { value: {} } }],
  ['a nested object as condition', { filter: { owner: { name: 'x' } } }],
  ['nothing as condition', { filter: { value: undefined } }],
  ['NaN', { filter: { value: Number.NaN } }],
  ['an infinite bound', { filter: { value: { $lt: Infinity } } }],
  ['null as bound', { filter: { value: { $gt: null } } }],
  ['a boolean as bound', { filter: { value: { $lte: true } } }],
  ['an array in $eq', { filter: { value: { $eq: [] } } }],
  ['$in without a list', { filter: { value: { $in: 'abc' } } }],
  ['an object in $in', { filter: { value: { $in: [1, {}] } } }],
  ['more than 1,000 values in $in', { filter: { value: { $in: Array.from({ length: 1001 }, (_, index) => index) } } }],
  ['half a surrogate pair', { filter: { value: '\ud800' } }],
  ['a filter that is no object', { filter: ['value'] }],
  ['a field that no index has', { filter: { other: 1 } }],
  ['part of an indexed path', { filter: { owner: 'x' } }],
  ['a path below an indexed field', { filter: { 'status.x': 1 } }],
  ['a field that could end a literal', { filter: { "a')--": 1 } }],
  ['a later field without the first', { filter: { startedAt: 1 } }],
  ['fields of two indexes', { filter: { status: 'x', value: 1 } }],
  ['a range and then equality', { filter: { status: { $gt: 'a' }, startedAt: 1 } }],
  ['two ranges', { filter: { status: { $gt: 'a' }, startedAt: { $gt: 1 } } }],
  ['a range of keys after part of an index', { filter: { status: 'x', _id: { $gt: 'a' } } }],
  ['a sort by a field that no index has', { sort: [['other', 'asc']] }],
  ['a sort by a later field', { sort: [['startedAt', 'asc']] }],
  [
    'a sort against the order of an index',
    {
      sort: [
        ['startedAt', 'asc'],
        ['status', 'asc'],
      ],
    },
  ],
  [
    'a sort by fields of two indexes',
    {
      sort: [
        ['status', 'asc'],
        ['value', 'asc'],
      ],
    },
  ],
  ['a sort of another field than the range', { filter: { status: { $gt: 'a' } }, sort: [['startedAt', 'asc']] }],
  ['a sort by another index than the filter', { filter: { status: 'x' }, sort: [['value', 'asc']] }],
  [
    'a sort of two directions',
    {
      sort: [
        ['status', 'asc'],
        ['startedAt', 'desc'],
      ],
    },
  ],
  [
    'a sort by a field twice',
    {
      sort: [
        ['status', 'asc'],
        ['status', 'asc'],
      ],
    },
  ],
  [
    'a sort that goes on after the key',
    {
      sort: [
        ['_id', 'asc'],
        ['status', 'asc'],
      ],
    },
  ],
  ['an unknown direction', { sort: [['value', 1]] }],
  ['a sort that is no list of pairs', { sort: [['value']] }],
  ['a sort that is an object', { sort: { value: 'asc' } }],
  ['limit 0', { limit: 0 }],
  ['limit 1,001', { limit: 1001 }],
  ['a fraction as limit', { limit: 1.5 }],
  ['text as limit', { limit: '10' }],
  ['an unknown query property', { skip: 10 }],
  ['an empty cursor', { after: '' }],
  ['a cursor of noise', { after: 'not a cursor' }],
  ['a cursor that is no text', { after: 5 }],
  ['a cursor of other JSON', { after: Buffer.from('{"a":1}').toString('base64url') }],
];

const WRITES: readonly (readonly [what: string, write: unknown])[] = [
  ['an array in an indexed field', { key: 'a', document: { status: ['x'] }, position: 1 }],
  ['an object in an indexed field', { key: 'a', document: { status: {} }, position: 1 }],
  ['an array on the way to an indexed field', { key: 'a', document: { owner: [{ name: 'x' }] }, position: 1 }],
  ['an infinite number in an indexed field', { key: 'a', document: { value: Infinity }, position: 1 }],
  ['half a surrogate pair in an indexed field', { key: 'a', document: { value: '\udfff' }, position: 1 }],
  ['an empty key', { key: '', document: {}, position: 1 }],
  ['a key over 1,024 characters', { key: 'k'.repeat(1025), document: {}, position: 1 }],
  ['a key with half a surrogate pair', { key: 'a\ud800', document: {}, position: 1 }],
  ['a key that is no text', { key: 5, document: {}, position: 1 }],
  ['a negative position', { key: 'a', document: {}, position: -1 }],
  ['a fraction as position', { key: 'a', document: {}, position: 1.5 }],
  ['an array as document', { key: 'a', document: [], position: 1 }],
  ['text as document', { key: 'a', document: 'x', position: 1 }],
];

const DEFINITIONS: readonly (readonly [what: string, definition: ReadModelDefinition])[] = [
  ['an empty name', { ...runs, name: '' }],
  ['a name with a quote', { ...runs, name: 'runs"' }],
  ['a name in camel case', { ...runs, name: 'openRuns' }],
  ['a name over 63 characters', { ...runs, name: 'r'.repeat(64) }],
  ['version 0', { ...runs, version: 0 }],
  ['a fraction as version', { ...runs, version: 1.5 }],
  ['an index of no field', { ...runs, indexes: [[]] }],
  ['an index of one field twice', { ...runs, indexes: [['a', 'a']] }],
  ['an index on the key', { ...runs, indexes: [['_id']] }],
  ['a field that could end a literal', { ...runs, indexes: [["a') --"]] }],
  ['a field by number', { ...runs, indexes: [['list.0']] }],
  ['an operator as field', { ...runs, indexes: [['$a']] }],
];

export const refusalCases: readonly ReadModelsCase[] = [
  ...QUERIES.map(([what, query]): ReadModelsCase => ({
    name: `refuses a find with ${what}`,
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, { a: { value: 1, status: 'x' } });
      await assertRejects(() => model.find(query as Query), 'INVALID_REQUEST', what);
    },
  })),
  ...WRITES.map(([what, write]): ReadModelsCase => ({
    name: `refuses a write with ${what}`,
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await assertRejects(() => model.write([write as DocumentWrite], 1), 'INVALID_REQUEST', what);
      assert.equal(await model.checkpoint(), -1);
    },
  })),
  ...DEFINITIONS.map(([what, definition]): ReadModelsCase => ({
    name: `refuses to open ${what}`,
    run: ({ readModels }) => assertRejects(() => readModels.open(definition), 'INVALID_REQUEST', what),
  })),
  {
    name: 'refuses a cursor that was made for another sort',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, { a: { value: 1 }, b: { value: 2 } });
      const [found] = await model.find({ sort: [['value', 'asc']], limit: 1 });
      const after = found?.cursor ?? '';
      await assertRejects(() => model.find({ after }), 'INVALID_REQUEST', 'by key');
      await assertRejects(() => model.find({ sort: [['value', 'desc']], after }), 'INVALID_REQUEST', 'the other way');
      await assertRejects(() => model.find({ sort: [['value', 'asc']], after: `${after}A` }), 'INVALID_REQUEST', 'with something added');
    },
  },
  {
    name: 'refuses a checkpoint that is no whole number from -1',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      for (const checkpoint of [-2, 0.5, Number.NaN, Infinity])
        await assertRejects(() => model.write([], checkpoint), 'INVALID_REQUEST', String(checkpoint));
    },
  },
  {
    name: 'names in a refusal what was found and what is allowed',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      const message = async (query: unknown) =>
        model.find(query as Query).then(String, (error: unknown) => (isTuttiError(error) ? error.message : String(error)));
      assert.match(await message({ filter: { value: { $ne: 1 } } }), /\$ne.*\$eq.*\$in.*\$gt.*\$gte.*\$lt.*\$lte/);
      assert.match(await message({ filter: { other: 1 } }), /other.*_id.*status.*startedAt.*owner\.name.*value/);
      assert.match(await message({ sort: [['startedAt', 'asc']] }), /startedAt.*\(status, startedAt\)/);
    },
  },
];
