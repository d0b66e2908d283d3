import assert from 'node:assert/strict';
import { isTuttiError } from '@tutti/kernel';
import { assertRejects, keysOf, runs, writeAll, type ReadModelsCase } from './contract-case.js';

const second = { ...runs, version: 2 };

export const versionCases: readonly ReadModelsCase[] = [
  {
    name: 'keeps versions and names beside each other, each with its own documents and checkpoint',
    async run({ readModels }) {
      const models = [await readModels.open(runs), await readModels.open(second), await readModels.open({ ...runs, name: 'other' })];
      for (const [index, model] of models.entries()) await model.write([{ key: 'a', document: { index }, position: index }], 10 + index);
      for (const [index, model] of models.entries()) {
        assert.deepEqual(await model.get('a'), { key: 'a', document: { index }, position: index });
        assert.equal(await model.checkpoint(), 10 + index);
      }
    },
  },
  {
    name: 'has no live version before the first promotion, and then the promoted one, also after a crash',
    async run({ readModels, reopen }) {
      await readModels.open(runs);
      assert.equal(await readModels.liveVersion('runs'), null);
      await readModels.promote('runs', 1);
      await readModels.open(second);
      assert.equal(await readModels.liveVersion('runs'), 1);
      assert.equal(await readModels.liveVersion('other'), null);
      assert.equal(await (await reopen()).liveVersion('runs'), 1);
    },
  },
  {
    name: 'drops the other versions of the name, and nothing else, on promotion',
    async run({ readModels }) {
      const old = await readModels.open(runs);
      await readModels.promote('runs', 1);
      const renewed = await readModels.open(second);
      const other = await readModels.open({ ...runs, name: 'other' });
      for (const model of [old, renewed, other]) await writeAll(model, { a: { status: 'x' } });
      await readModels.promote('runs', 2);
      assert.deepEqual(await keysOf(renewed, {}), ['a']);
      assert.deepEqual(await keysOf(other, {}), ['a']);
      const reopened = await readModels.open(runs);
      assert.equal(await reopened.checkpoint(), -1);
      assert.deepEqual(await reopened.find({}), []);
    },
  },
  {
    name: 'throws, rather than showing nothing, to whoever still uses a version that was dropped',
    async run({ readModels }) {
      const old = await readModels.open(runs);
      await writeAll(old, { a: {} });
      await readModels.open(second);
      await readModels.promote('runs', 2);
      const calls = {
        get: () => old.get('a'),
        getMany: () => old.getMany(['a']),
        find: () => old.find({}),
        write: () => old.write([], 9),
        checkpoint: () => old.checkpoint(),
      };
      for (const [what, call] of Object.entries(calls)) await assertRejects(call, 'STORE_UNAVAILABLE', what);
    },
  },
  {
    name: 'switches in one moment: a reader meanwhile has the old version whole or the new one whole',
    async run({ readModels }) {
      const models = new Map([
        [1, await readModels.open(runs)],
        [2, await readModels.open(second)],
      ]);
      for (const model of models.values()) await writeAll(model, { a: {} });
      await readModels.promote('runs', 1);
      models.set(2, await readModels.open(second));
      await writeAll(await readModels.open(second), { a: {} });
      let done = false;
      const promoting = readModels.promote('runs', 2).finally(() => (done = true));
      while (!done) {
        const live = await readModels.liveVersion('runs');
        const found = await models
          .get(live ?? 0)
          ?.find({})
          .catch((error: unknown) => {
            if (isTuttiError(error, 'STORE_UNAVAILABLE')) return null;
            throw error;
          });
        if ((await readModels.liveVersion('runs')) !== live) continue;
        assert.equal(found?.length, 1, `documents of the live version ${live}`);
      }
      await promoting;
      assert.equal(await readModels.liveVersion('runs'), 2);
    },
  },
  {
    name: 'refuses to promote a version that was never opened, and keeps the live one',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, { a: {} });
      await readModels.promote('runs', 1);
      await assertRejects(() => readModels.promote('runs', 3), 'INVALID_REQUEST', 'version 3');
      assert.equal(await readModels.liveVersion('runs'), 1);
      assert.deepEqual(await keysOf(model, {}), ['a']);
    },
  },
  {
    name: 'changes nothing when the live version is promoted again',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await writeAll(model, { a: {} });
      for (let time = 0; time < 2; time++) await readModels.promote('runs', 1);
      assert.deepEqual(await keysOf(model, {}), ['a']);
    },
  },
  {
    name: 'adds indexes that a version is opened with later, over the documents it holds',
    async run({ readModels, reopen }) {
      await writeAll(await readModels.open({ ...runs, indexes: [] }), { a: { value: 2 }, b: { value: 1 }, c: {} });
      const model = await (await reopen()).open(runs);
      assert.deepEqual(await keysOf(model, { sort: [['value', 'asc']] }), ['c', 'b', 'a']);
      assert.deepEqual(await keysOf(model, { filter: { value: 2 } }), ['a']);
    },
  },
  {
    name: 'shares one version between those who opened it',
    async run({ readModels }) {
      const [first, again] = [await readModels.open(runs), await readModels.open(runs)];
      await writeAll(first, { a: { value: 1 } });
      assert.deepEqual(await keysOf(again, { filter: { value: 1 } }), ['a']);
      assert.equal(await again.checkpoint(), 0);
    },
  },
];
