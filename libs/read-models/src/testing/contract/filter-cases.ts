import assert from 'node:assert/strict';
import type { JsonObject } from '@tutti/kernel';
import type { Condition, Filter, ReadModelDefinition } from '../../read-models.port.js';
import { keysOf, runs, writeAll, type ReadModelsCase } from './contract-case.js';

/** Key to what the indexed field `value` holds; `missing` has none. */
const VALUES: Readonly<Record<string, JsonObject>> = {
  missing: {},
  null: { value: null },
  minus: { value: -5 },
  zero: { value: 0 },
  tenth: { value: 0.1 },
  one: { value: 1 },
  five: { value: 5 },
  huge: { value: 1e300 },
  unsafe: { value: 2 ** 60 },
  empty: { value: '' },
  text1: { value: '1' },
  text5: { value: '5' },
  upper: { value: 'A' },
  lower: { value: 'a' },
  accent: { value: 'é' },
  nul: { value: 'a\u0000b' },
  private: { value: '\uffff' },
  emoji: { value: '😀' },
  quote: { value: `'"$.%_\\` },
  textTrue: { value: 'true' },
  textNull: { value: 'null' },
  true: { value: true },
  false: { value: false },
};
const NUMBERS = ['minus', 'zero', 'tenth', 'one', 'five', 'huge', 'unsafe'];
const TEXTS = ['empty', 'text1', 'text5', 'upper', 'lower', 'accent', 'nul', 'private', 'emoji', 'quote', 'textTrue', 'textNull'];

const CONDITIONS: readonly (readonly [what: string, condition: Condition, expected: readonly string[]])[] = [
  ['null matches null and missing', null, ['missing', 'null']],
  ['$eq null matches null and missing', { $eq: null }, ['missing', 'null']],
  ['a number matches no text and no boolean', 1, ['one']],
  ['zero matches neither false, nor empty, nor null', 0, ['zero']],
  ['minus zero is zero', -0, ['zero']],
  ['a fraction matches itself', 0.1, ['tenth']],
  ['a large exponent matches itself', 1e300, ['huge']],
  ['a whole number past 2^53 matches itself', { $eq: 2 ** 60 }, ['unsafe']],
  ['a text matches no number', '1', ['text1']],
  ['the text true is not true', 'true', ['textTrue']],
  ['true matches neither 1 nor text', true, ['true']],
  ['false matches neither 0 nor null', { $eq: false }, ['false']],
  ['empty text matches itself only', '', ['empty']],
  ['text is told apart by case', 'a', ['lower']],
  ['text with a zero character matches whole', 'a\u0000b', ['nul']],
  ['quotes and operators in text are text', `'"$.%_\\`, ['quote']],
  ['$in takes values of all types', { $in: [null, 1, '1', true, 'none'] }, ['missing', 'null', 'one', 'text1', 'true']],
  ['$in of nothing matches nothing', { $in: [] }, []],
  ['$in with repeats matches once', { $in: [5, 5, 5] }, ['five']],
  ['$gt of a number matches numbers only', { $gt: 0 }, ['tenth', 'one', 'five', 'huge', 'unsafe']],
  ['$gte of a number includes it', { $gte: 5 }, ['five', 'huge', 'unsafe']],
  ['$gt past 2^53 leaves the number itself out', { $gt: 2 ** 60 }, ['huge']],
  ['$lt of a number matches numbers only', { $lt: 1 }, ['minus', 'zero', 'tenth']],
  ['$lte of a number includes it', { $lte: 0 }, ['minus', 'zero']],
  ['all numbers', { $gt: -1e308 }, NUMBERS],
  ['all texts', { $gte: '' }, TEXTS],
  ['$gt of empty text leaves it out', { $gt: '' }, TEXTS.filter((key) => key !== 'empty')],
  ['$lt of a text goes by code point', { $lt: 'a' }, ['empty', 'text1', 'text5', 'upper', 'quote']],
  ['$gt of a text goes by code point beyond 16 bits', { $gt: '\uffff' }, ['emoji']],
  ['$lte of a text includes it', { $lte: '5' }, ['empty', 'text1', 'text5', 'quote']],
  ['a range of two ends', { $gt: 0, $lte: 5 }, ['tenth', 'one', 'five']],
  ['an empty range', { $gt: 5, $lt: 5 }, []],
  ['the tighter of two bounds', { $gt: 0, $gte: 5, $lt: 1e300, $lte: 1e308 }, ['five', 'unsafe']],
  ['ends of different types match nothing', { $gt: 0, $lt: 'z' }, []],
  ['$in and a range must both hold', { $in: [0, 1, 5, '5'], $gte: 1 }, ['one', 'five']],
  ['$eq and $in must both hold', { $eq: 1, $in: [1, 5] }, ['one']],
  ['$eq and $in that disagree match nothing', { $eq: 1, $in: [5] }, []],
];

const orders: ReadModelDefinition = { name: 'orders', version: 1, indexes: [['tenant', 'status', 'amount'], ['owner.name'], ['a.b.c']] };
const ORDERS: Readonly<Record<string, JsonObject>> = {
  o1: { tenant: 't', status: 'open', amount: 1, owner: { name: 'ann' }, a: { b: { c: 1 } } },
  o2: { tenant: 't', status: 'open', amount: 5, owner: { name: 'bob' }, a: 7 },
  o3: { tenant: 't', status: 'done', amount: 9, owner: null, a: { b: { c: 2 }, 'b.c': 1 } },
  o4: { tenant: 'u', status: 'open', amount: 9, 'owner.name': 'ann', a: { b: null } },
};
const FILTERS: readonly (readonly [what: string, filter: Filter, expected: readonly string[]])[] = [
  ['no field', {}, ['o1', 'o2', 'o3', 'o4']],
  ['the first field', { tenant: 't' }, ['o1', 'o2', 'o3']],
  ['two first fields in any order', { status: 'open', tenant: 't' }, ['o1', 'o2']],
  ['first fields and a range', { tenant: 't', status: 'open', amount: { $gt: 1 } }, ['o2']],
  ['lists in the first fields', { tenant: { $in: ['t', 'u'] }, status: { $in: ['open', 'lost'] }, amount: { $gte: 5 } }, ['o2', 'o4']],
  ['a path', { 'owner.name': 'ann' }, ['o1']],
  ['a path that ends early is missing', { 'owner.name': null }, ['o3', 'o4']],
  ['a long path', { 'a.b.c': 1 }, ['o1']],
  ['a long path through other types', { 'a.b.c': null }, ['o2', 'o4']],
  ['the key', { _id: 'o2' }, ['o2']],
  ['keys', { _id: { $in: ['o4', 'o1', 'none'] } }, ['o1', 'o4']],
  ['a range of keys', { _id: { $gt: 'o1', $lte: 'o3' } }, ['o2', 'o3']],
  ['a key that is no text', { _id: 1 }, []],
  ['a range of keys by number', { _id: { $gt: 0 } }, []],
  ['null as key', { _id: null }, []],
  ['keys and other fields', { _id: { $in: ['o1', 'o3'] }, amount: { $gt: 1 }, status: 'done' }, ['o3']],
  ['all fields of an index and a range of keys', { 'owner.name': 'ann', _id: { $lt: 'o9' } }, ['o1']],
];

export const filterCases: readonly ReadModelsCase[] = [
  ...CONDITIONS.map(([what, condition, expected]): ReadModelsCase => ({
    name: `matches as MongoDB does: ${what}`,
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, VALUES);
      assert.deepEqual([...(await keysOf(model, { filter: { value: condition } }))].sort(), [...expected].sort());
    },
  })),
  ...FILTERS.map(([what, filter, expected]): ReadModelsCase => ({
    name: `finds by ${what}`,
    async run({ readModels }) {
      const model = await readModels.open(orders);
      await writeAll(model, ORDERS);
      assert.deepEqual(await keysOf(model, { filter }), expected);
    },
  })),
  {
    name: 'treats the number 5 and the key "5" as different',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, { '5': {}, '5.0': {} });
      assert.deepEqual(await keysOf(model, { filter: { _id: 5 } }), []);
      assert.deepEqual(await keysOf(model, { filter: { _id: '5' } }), ['5']);
    },
  },
];
