import assert from 'node:assert/strict';
import type { EventStoreContractCase } from './contract-case.js';
import { all, someEvents } from './contract-events.js';

export const snapshotCases: readonly EventStoreContractCase[] = [
  {
    name: 'gives a stream’s snapshot back, and null for a stream without one',
    async run({ store }) {
      const snapshot = { revision: 4, schemaVersion: 2, state: { steps: ['a', { b: null }], count: 1.5 } };
      await store.saveSnapshot('thing-1', snapshot);
      assert.deepEqual(await store.loadSnapshot('thing-1'), snapshot);
      assert.equal(await store.loadSnapshot('thing-2'), null);
    },
  },
  {
    name: 'replaces a snapshot by a newer one only',
    async run({ store }) {
      const at = (revision: number, schemaVersion: number, state: string) => ({ revision, schemaVersion, state });
      await store.saveSnapshot('thing-1', at(4, 1, 'first'));
      await store.saveSnapshot('thing-1', at(3, 9, 'older'));
      await store.saveSnapshot('thing-1', at(4, 1, 'same'));
      assert.equal((await store.loadSnapshot('thing-1'))?.state, 'first');
      await store.saveSnapshot('thing-1', at(4, 2, 'newer shape'));
      assert.equal((await store.loadSnapshot('thing-1'))?.state, 'newer shape');
      await store.saveSnapshot('thing-1', at(9, 1, 'newer'));
      assert.deepEqual(await store.loadSnapshot('thing-1'), at(9, 1, 'newer'));
    },
  },
  {
    name: 'keeps snapshots out of the streams',
    async run({ store }) {
      const { events } = await store.append('thing-1', someEvents(1), 'no-stream');
      await store.saveSnapshot('thing-1', { revision: 0, schemaVersion: 1, state: null });
      assert.deepEqual(await all(store.readAll()), events);
      assert.equal((await store.append('thing-1', someEvents(1), 0)).revision, 1);
    },
  },
];
