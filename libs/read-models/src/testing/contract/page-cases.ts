import assert from 'node:assert/strict';
import type { JsonObject } from '@tutti/kernel';
import type { Query, ReadModel } from '../../read-models.port.js';
import { keysOf, runs, writeAll, type ReadModelsCase } from './contract-case.js';

/** Follows the cursors; `between` runs before each page but the first, with its number. */
async function pages(model: ReadModel, query: Query, between?: (page: number) => Promise<void>): Promise<readonly string[]> {
  const keys: string[] = [];
  let found = await model.find(query);
  for (let page = 1; found.length > 0; page++) {
    assert.ok(page < 200, `page ${page} of a list that should have ended`);
    keys.push(...found.map((entry) => entry.key));
    await between?.(page);
    found = await model.find({ ...query, after: found.at(-1)?.cursor ?? '' });
  }
  return keys;
}

const numbered = (count: number, document: (index: number) => JsonObject): Readonly<Record<string, JsonObject>> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${String(index).padStart(4, '0')}`, document(index)]));

/** In the order that a sort by `value` gives, keys ascending within a value. */
const MIXED: readonly (readonly [key: string, document: JsonObject])[] = [
  ['b-null', { value: null }],
  ['c-missing', {}],
  ['z-null', { value: null }],
  ['m', { value: -1 }],
  ['a-one', { value: 1 }],
  ['b-one', { value: 1 }],
  ['n', { value: 2 ** 60 }],
  ['p', { value: '' }],
  ['a-text', { value: 'x' }],
  ['b-text', { value: 'x' }],
  ['private', { value: '\ue000' }],
  ['emoji', { value: '😀' }],
  ['y', { value: false }],
  ['d', { value: true }],
];

export const pageCases: readonly ReadModelsCase[] = [
  {
    name: 'gives all documents in the order of their keys by code point when no sort is asked for',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, { b: {}, '😀': {}, '\ue000': {}, B: {}, a: {}, é: {} });
      assert.deepEqual(await keysOf(model, {}), ['B', 'a', 'b', 'é', '\ue000', '😀']);
      assert.deepEqual(await keysOf(model, { sort: [['_id', 'desc']] }), ['😀', '\ue000', 'é', 'b', 'a', 'B']);
    },
  },
  {
    name: 'sorts null and missing before numbers, text and booleans, and equal values by key',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, Object.fromEntries([...MIXED].reverse()));
      const expected = MIXED.map(([key]) => key);
      assert.deepEqual(await keysOf(model, { sort: [['value', 'asc']] }), expected);
      assert.deepEqual(
        await keysOf(model, {
          sort: [
            ['value', 'desc'],
            ['_id', 'desc'],
          ],
        }),
        [...expected].reverse(),
      );
    },
  },
  ...(['asc', 'desc'] as const).flatMap((direction) =>
    [1, 2, 5].map((limit): ReadModelsCase => ({
      name: `gives every document once over pages of ${limit}, ${direction}, whatever types the sort meets`,
      async run({ readModels }) {
        const model = await readModels.open(runs);
        await writeAll(model, Object.fromEntries(MIXED));
        const expected = MIXED.map(([key]) => key);
        assert.deepEqual(await pages(model, { sort: [['value', direction]], limit }), direction === 'asc' ? expected : expected.reverse());
      },
    })),
  ),
  {
    name: 'sorts by the fields after those pinned to one value, with or without naming these',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, {
        a: { status: 'x', startedAt: 3 },
        b: { status: 'x', startedAt: 1 },
        c: { status: 'y', startedAt: 2 },
        d: { status: 'x', startedAt: 1 },
      });
      const filter = { status: 'x' };
      assert.deepEqual(await pages(model, { filter, sort: [['startedAt', 'asc']], limit: 1 }), ['b', 'd', 'a']);
      assert.deepEqual(
        await pages(model, {
          filter,
          sort: [
            ['status', 'desc'],
            ['startedAt', 'desc'],
          ],
          limit: 1,
        }),
        ['a', 'd', 'b'],
      );
      assert.deepEqual(
        await pages(model, {
          sort: [
            ['status', 'asc'],
            ['startedAt', 'asc'],
          ],
          limit: 1,
        }),
        ['b', 'd', 'a', 'c'],
      );
    },
  },
  {
    name: 'pages through a range and through a list of values that it also sorts by',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(
        model,
        numbered(12, (index) => ({ value: index % 4 })),
      );
      const expected = ['k0001', 'k0005', 'k0009', 'k0002', 'k0006', 'k0010'];
      assert.deepEqual(await pages(model, { filter: { value: { $gte: 1, $lt: 3 } }, sort: [['value', 'asc']], limit: 2 }), expected);
      assert.deepEqual(
        await pages(model, { filter: { value: { $gt: 0, $lte: 2 } }, sort: [['value', 'desc']], limit: 2 }),
        [...expected].reverse(),
      );
      assert.deepEqual(await pages(model, { filter: { value: { $in: [2, 1] } }, sort: [['value', 'asc']], limit: 2 }), expected);
      assert.deepEqual(await pages(model, { filter: { value: { $in: [2, 1] } }, limit: 2 }), [...expected].sort());
      assert.deepEqual(await pages(model, { filter: { _id: { $gt: 'k0003', $lt: 'k0009' } }, sort: [['_id', 'desc']], limit: 2 }), [
        'k0008',
        'k0007',
        'k0006',
        'k0005',
        'k0004',
      ]);
    },
  },
  {
    name: 'neither skips nor repeats over equal sort values while documents are inserted before and after the cursor',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(
        model,
        numbered(20, () => ({ status: 'x', startedAt: 7 })),
      );
      const insert = (page: number) =>
        model.write(
          [`a${page}`, `k0000-${page}`, `z${page}`].map((key) => ({
            key,
            document: { status: page > 4 ? 'other' : 'x', startedAt: 7 },
            position: 100 + page,
          })),
          100 + page,
        );
      const keys = await pages(model, { filter: { status: 'x' }, sort: [['startedAt', 'asc']], limit: 3 }, insert);
      const first = Object.keys(numbered(20, () => ({})));
      assert.deepEqual(
        keys.filter((key) => first.includes(key)),
        first,
      );
      assert.equal(new Set(keys).size, keys.length, 'no key twice');
      assert.deepEqual(
        keys.filter((key) => key.startsWith('z')),
        ['z1', 'z2', 'z3', 'z4'],
        'what is inserted after the cursor comes',
      );
    },
  },
  {
    name: 'goes on after a cursor whose document is removed or has moved',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(
        model,
        numbered(6, (index) => ({ value: index })),
      );
      const keys = await pages(model, { sort: [['value', 'asc']], limit: 2 }, (page) =>
        model.write(
          [
            { key: 'k0001', document: null, position: 100 + page },
            { key: 'k0003', document: { value: -1 }, position: 100 + page },
          ],
          100 + page,
        ),
      );
      assert.deepEqual(keys, ['k0000', 'k0001', 'k0002', 'k0004', 'k0005']);
    },
  },
  {
    name: 'goes on after a cursor of the version before',
    async run({ readModels }) {
      const old = await readModels.open(runs);
      const renewed = await readModels.open({ ...runs, version: 2 });
      for (const model of [old, renewed])
        await writeAll(
          model,
          numbered(4, () => ({ value: 1 })),
        );
      const [, second] = await old.find({ sort: [['value', 'asc']], limit: 2 });
      await readModels.promote('runs', 2);
      assert.deepEqual(await keysOf(renewed, { sort: [['value', 'asc']], after: second?.cursor ?? '' }), ['k0002', 'k0003']);
    },
  },
  {
    name: 'gives 100 documents when no limit is asked for, and up to 1,000',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(
        model,
        numbered(1001, () => ({})),
      );
      assert.equal((await model.find({})).length, 100);
      assert.equal((await model.find({ limit: 1000 })).length, 1000);
      assert.equal((await model.find({ limit: 7 })).length, 7);
    },
  },
];
