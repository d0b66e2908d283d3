import { findBrokenLink } from '@tutti/kernel';
import assert from 'node:assert/strict';
import type { EventStore } from '../../event-store.port.js';
import type { EventStoreContractCase } from './contract-case.js';
import { all, idsOf, nextTurn, positionsOf, someEvents } from './contract-events.js';

/** An append is looked at in each of its first turns of the loop. */
const TURNS = 6;

export const durabilityCases: readonly EventStoreContractCase[] = [
  {
    name: 'has every event as it was after it is closed and opened again',
    async run({ store, reopen }) {
      await store.append('thing-1', someEvents(3), 'no-stream');
      await store.append('other-1', someEvents(2), 'no-stream');
      const before = await all(store.readAll());
      const again = await reopen();
      assert.deepEqual(await all(again.readAll()), before);
      assert.deepEqual(await all(again.readStream('thing-1')), before.slice(0, 3));
      assert.equal(await again.head(), before.at(-1)?.position);
    },
  },
  {
    name: 'goes on with revisions, positions and hashes where it stood when it is opened again',
    async run({ store, reopen }) {
      const before = await store.append('thing-1', someEvents(3), 'no-stream');
      const again = await reopen();
      const after = await again.append('thing-1', someEvents(2), 2);
      assert.equal(after.revision, 4);
      assert.ok(Math.min(...positionsOf(after.events)) > before.position);
      assert.equal(findBrokenLink(await all(again.readStream('thing-1'))), null);
    },
  },
  {
    name: 'has what it answered when it is killed right after the answer',
    async run(harness) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) => harness.store.append(`thing-${index}`, someEvents(3), 'no-stream')),
      );
      const after = await harness.crash();
      for (const { events } of answers) assert.deepEqual(await all(after.readStream(events[0]?.stream ?? '')), events);
    },
  },
  {
    name: 'has an append whole or not at all when it is killed before the answer, and can take it again',
    async run(harness) {
      let store: EventStore = harness.store;
      for (let turns = 0; turns < TURNS; turns++) {
        const stream = `thing-${turns}`;
        const events = someEvents(4);
        let answered = false;
        store.append(stream, events, 'no-stream').then(
          () => (answered = true),
          () => undefined,
        );
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        const known = answered;
        store = await harness.crash();
        const found = await all(store.readStream(stream));
        assert.ok(found.length === 4 || (found.length === 0 && !known), `${found.length} of 4 events, ${known ? '' : 'not '}answered`);
        const repeated = await store.append(stream, events, 'no-stream');
        assert.deepEqual(idsOf(await all(store.readStream(stream))), idsOf(events));
        assert.equal(repeated.revision, 3);
      }
      assert.deepEqual(
        positionsOf(await all(store.readAll())),
        positionsOf(await all(store.readAll())).sort((a, b) => a - b),
      );
    },
  },
  {
    name: 'commits what is in flight when it is closed',
    async run({ store, reopen }) {
      const settled = Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => store.append(`thing-${index}`, someEvents(2), 'no-stream')),
      );
      const again = await reopen();
      for (const [index, outcome] of (await settled).entries()) {
        const found = await all(again.readStream(`thing-${index}`));
        if (outcome.status === 'fulfilled') assert.deepEqual(found, outcome.value.events);
        else assert.deepEqual(found, []);
      }
    },
  },
];
