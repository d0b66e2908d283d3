import assert from 'node:assert/strict';
import type { JsonObject } from '@tutti/kernel';
import { runs, type ReadModelsCase } from './contract-case.js';

const ODD_DOCUMENT: JsonObject = {
  status: 'a "quoted" \\ text \u0000 with 😀 and é',
  value: 0.1,
  nested: { list: [1, null, { deep: [] }], empty: {}, '': 'no name', 'a.b': 1, $set: 2 },
  big: 2 ** 60,
  tiny: 5e-324,
};

export const documentCases: readonly ReadModelsCase[] = [
  {
    name: 'gives a document back with its key and position, and null where there is none',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await model.write([{ key: 'a', document: ODD_DOCUMENT, position: 3 }], 5);
      assert.deepEqual(await model.get('a'), { key: 'a', document: ODD_DOCUMENT, position: 3 });
      assert.equal(await model.get('A'), null);
    },
  },
  {
    name: 'keeps keys of odd characters apart',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      const keys = ['a', 'A', 'a ', 'a\u0000', 'é', 'e\u0301', '😀', "'; --", '5', '5.0', '$a.b'];
      await model.write(
        keys.map((key, position) => ({ key, document: { key }, position })),
        keys.length,
      );
      for (const key of keys) assert.deepEqual((await model.get(key))?.document, { key });
    },
  },
  {
    name: 'gives those of many documents that exist, each once',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await model.write(
        [1, 2, 3].map((n) => ({ key: `k${n}`, document: { n }, position: n })),
        3,
      );
      const found = await model.getMany(['k3', 'missing', 'k1', 'k3']);
      assert.deepEqual(
        [...found].sort((a, b) => a.position - b.position),
        [
          { key: 'k1', document: { n: 1 }, position: 1 },
          { key: 'k3', document: { n: 3 }, position: 3 },
        ],
      );
      assert.deepEqual(await model.getMany([]), []);
    },
  },
  {
    name: 'shares no object with its callers, so changing one in place changes nothing stored',
    async run({ readModels }) {
      const model = await readModels.open<{ list: number[] }>(runs);
      const written = { list: [1] };
      await model.write([{ key: 'a', document: written, position: 1 }], 1);
      written.list.push(2);
      const read = await model.get('a');
      assert.deepEqual(read?.document, { list: [1] });
      read.document.list.push(3);
      assert.deepEqual((await model.get('a'))?.document, { list: [1] });
    },
  },
  {
    name: 'keeps the newer document when an older write, or one of the same position, comes after it',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await model.write([{ key: 'a', document: { n: 'new' }, position: 5 }], 5);
      await model.write([{ key: 'a', document: { n: 'older' }, position: 4 }], 6);
      await model.write([{ key: 'a', document: { n: 'same' }, position: 5 }], 7);
      assert.deepEqual(await model.get('a'), { key: 'a', document: { n: 'new' }, position: 5 });
      await model.write([{ key: 'a', document: { n: 'newer' }, position: 6 }], 8);
      assert.deepEqual(await model.get('a'), { key: 'a', document: { n: 'newer' }, position: 6 });
    },
  },
  {
    name: 'keeps the newer document when one step writes a key twice, in either order',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      const write = (key: string, position: number) => ({ key, document: { position }, position });
      await model.write([write('a', 1), write('a', 2), write('b', 2), write('b', 1)], 2);
      assert.equal((await model.get('a'))?.position, 2);
      assert.equal((await model.get('b'))?.position, 2);
    },
  },
  {
    name: 'shows a removed document nowhere, until a newer write brings it back',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await model.write([{ key: 'a', document: { status: 'x' }, position: 1 }], 1);
      await model.write([{ key: 'a', document: null, position: 2 }], 2);
      assert.equal(await model.get('a'), null);
      assert.deepEqual(await model.getMany(['a']), []);
      assert.deepEqual(await model.find({}), []);
      assert.deepEqual(await model.find({ filter: { status: null } }), []);
      await model.write([{ key: 'a', document: { status: 'y' }, position: 3 }], 3);
      assert.deepEqual((await model.get('a'))?.document, { status: 'y' });
    },
  },
  {
    name: 'does not bring a removed document back when older writes are repeated, also after a crash',
    async run({ readModels, reopen }) {
      const model = await readModels.open(runs);
      const steps = [
        () => model.write([{ key: 'a', document: { n: 1 }, position: 1 }], 1),
        () => model.write([{ key: 'a', document: null, position: 4 }], 5),
      ];
      for (const step of [...steps, ...steps]) await step();
      await model.write([{ key: 'a', document: { n: 2 }, position: 3 }], 5);
      assert.equal(await model.get('a'), null, 'the repeat of a write before the removal');
      const again = await (await reopen()).open(runs);
      await again.write([{ key: 'a', document: { n: 2 }, position: 4 }], 5);
      await again.write([{ key: 'a', document: { n: 1 }, position: 1 }], 1);
      assert.equal(await again.get('a'), null, 'the repeat after a crash');
    },
  },
  {
    name: 'ignores the removal of a document that is newer',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await model.write([{ key: 'a', document: { n: 1 }, position: 3 }], 3);
      await model.write([{ key: 'a', document: null, position: 2 }], 4);
      assert.deepEqual((await model.get('a'))?.document, { n: 1 });
    },
  },
];
