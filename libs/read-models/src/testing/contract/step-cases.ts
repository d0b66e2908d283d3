import assert from 'node:assert/strict';
import type { ReadModel } from '../../read-models.port.js';
import { assertRejects, runs, type ReadModelsCase } from './contract-case.js';

const DOCUMENTS = 20;

/** Every document at the position of the step, so that a half-done step shows. */
function step(model: ReadModel, position: number): Promise<void> {
  return model.write(
    Array.from({ length: DOCUMENTS }, (_, index) => ({ key: `k${index}`, document: { position }, position })),
    position,
  );
}

async function assertWhole(model: ReadModel, positions: readonly number[]): Promise<void> {
  const checkpoint = await model.checkpoint();
  const found = await model.find({});
  assert.ok(positions.includes(checkpoint), `checkpoint ${checkpoint}, expected one of ${positions.join(', ')}`);
  assert.equal(found.length, DOCUMENTS, `documents at checkpoint ${checkpoint}`);
  for (const { key, document } of found) assert.equal(document['position'], checkpoint, `document ${key} at checkpoint ${checkpoint}`);
}

export const stepCases: readonly ReadModelsCase[] = [
  {
    name: 'has the checkpoint -1 at first, and then the last step’s, with or without documents in it',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      assert.equal(await model.checkpoint(), -1);
      await step(model, 0);
      assert.equal(await model.checkpoint(), 0);
      await model.write([], 17);
      assert.equal(await model.checkpoint(), 17);
    },
  },
  {
    name: 'never moves the checkpoint back',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await model.write([], 10);
      await model.write([], 4);
      assert.equal(await model.checkpoint(), 10);
    },
  },
  {
    name: 'changes nothing by a step that is behind the checkpoint',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await step(model, 10);
      await model.write([{ key: 'late', document: {}, position: 4 }], 9);
      assert.equal(await model.get('late'), null);
      await assertWhole(model, [10]);
    },
  },
  {
    name: 'writes nothing of a step in which one document is refused',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      await step(model, 1);
      const writes = ['k0', 'fresh', 'bad'].map((key) => ({ key, document: key === 'bad' ? { value: [] } : { n: 2 }, position: 2 }));
      await assertRejects(() => model.write(writes, 2), 'INVALID_REQUEST', 'an array in an indexed field');
      assert.equal(await model.get('fresh'), null);
      await assertWhole(model, [1]);
    },
  },
  {
    name: 'never shows a checkpoint that is ahead of its documents while a step is being written',
    async run({ readModels }) {
      const model = await readModels.open(runs);
      for (let position = 1; position <= 5; position++) {
        let done = false;
        const writing = step(model, position).finally(() => (done = true));
        while (!done) {
          const checkpoint = await model.checkpoint();
          const found = await model.getMany(['k0', `k${DOCUMENTS - 1}`]);
          const oldest = found.length < 2 ? -1 : Math.min(...found.map((entry) => entry.position));
          assert.ok(oldest >= checkpoint, `documents at ${oldest} under checkpoint ${checkpoint}`);
        }
        await writing;
      }
    },
  },
  {
    name: 'holds after a crash either the whole step that was being written or nothing of it',
    async run({ readModels, reopen }) {
      const model = await readModels.open(runs);
      await step(model, 1);
      const outcome = step(model, 2).then(
        () => 'answered',
        () => 'failed',
      );
      const reopened = await (await reopen()).open(runs);
      await assertWhole(reopened, [1, 2]);
      await outcome;
      await assertWhole(reopened, [1, 2]);
      await step(reopened, 3);
      await assertWhole(reopened, [3]);
    },
  },
  {
    name: 'holds after a crash what was answered before it',
    async run({ readModels, reopen }) {
      const model = await readModels.open(runs);
      await step(model, 1);
      await step(model, 2);
      await assertWhole(await (await reopen()).open(runs), [2]);
    },
  },
];
