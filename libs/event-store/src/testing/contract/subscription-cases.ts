import assert from 'node:assert/strict';
import type { EventStoreContractCase } from './contract-case.js';
import { all, follow, gate, idsOf, nextTurn, someEvent, someEvents } from './contract-events.js';

export const subscriptionCases: readonly EventStoreContractCase[] = [
  {
    name: 'catches up and goes on with new events, without skipping or repeating any, while appends never stop',
    async run({ store }) {
      for (let index = 0; index < 20; index++) await store.append(`thing-${index}`, someEvents(40), 'no-stream');
      const follower = follow(store, { after: -1 });
      for (let round = 0; round < 30; round++) {
        await Promise.all(Array.from({ length: 5 }, (_, index) => store.append(`other-${index}`, someEvents(3), 'any')));
      }
      await follower.reaches(await store.head());
      assert.deepEqual(follower.events(), await all(store.readAll()));
      await follower.close();
    },
  },
  {
    name: 'gives exactly the events after the position it is resumed from',
    async run({ store, reopen }) {
      const { events } = await store.append('thing-1', someEvents(6), 'no-stream');
      const from = events[2]?.position as number;
      const live = follow(store, { after: from });
      await live.reaches(await store.head());
      assert.deepEqual(idsOf(live.events()), idsOf(events.slice(3)));
      const again = await reopen();
      const resumed = follow(again, { after: from });
      const { position } = await again.append('thing-1', someEvents(1), 5);
      await resumed.reaches(position);
      assert.deepEqual(idsOf(resumed.events()), idsOf((await all(again.readAll())).slice(3)));
      await resumed.close();
    },
  },
  {
    name: 'gives nothing that stood there when it is started at the head',
    async run({ store }) {
      await store.append('thing-1', someEvents(3), 'no-stream');
      const follower = follow(store, { after: await store.head() });
      const { position, events } = await store.append('thing-1', someEvents(2), 2);
      await follower.reaches(position);
      assert.deepEqual(idsOf(follower.events()), idsOf(events));
      await follower.close();
    },
  },
  {
    name: 'gives nothing up to a position that the store has yet to reach',
    async run({ store }) {
      await store.append('thing-1', someEvents(1), 'no-stream');
      const after = (await store.head()) + 2;
      const follower = follow(store, { after });
      let head = -1;
      while (head < after + 2) head = (await store.append('thing-1', someEvents(1), 'any')).position;
      await follower.reaches(head);
      assert.deepEqual(follower.events(), await all(store.readAll({ from: after + 1 })));
      await follower.close();
    },
  },
  {
    name: 'gives only what matches its filter, caught up and live, and kinds that are new',
    async run({ store }) {
      await store.append('run-1', [someEvent('A'), someEvent('B')], 'no-stream');
      await store.append('runner-1', [someEvent('A')], 'no-stream');
      const filters = [{ categories: ['run'], types: ['A', 'New'] }, { types: ['New', 'B'] }, { categories: ['run', 'newcomer'] }];
      const followers = filters.map((filter) => follow(store, { after: -1, filter }));
      for (const follower of followers) await follower.reaches(await store.head());
      await store.append('run-1', [someEvent('B'), someEvent('New'), someEvent('A')], 1);
      await store.append('newcomer-1', [someEvent('New'), someEvent('A')], 'no-stream');
      await store.append('runner-1', [someEvent('B')], 0);
      for (const [index, filter] of filters.entries()) {
        await followers[index]?.reaches(await store.head());
        assert.deepEqual(followers[index]?.events(), await all(store.readAll({ filter })), JSON.stringify(filter));
        await followers[index]?.close();
      }
    },
  },
  {
    name: 'moves its head past events that do not match, at rest and live',
    async run({ store }) {
      await store.append('run-1', [someEvent('A')], 'no-stream');
      await store.append('other-1', someEvents(5), 'no-stream');
      const follower = follow(store, { after: -1, filter: { categories: ['run'] } });
      await follower.reaches(await store.head());
      const { position } = await store.append('other-1', someEvents(5), 4);
      await follower.reaches(position);
      await store.append('run-1', [someEvent('A')], 0);
      await follower.reaches(await store.head());
      assert.deepEqual(
        follower.events().map((event) => event.revision),
        [0, 1],
      );
      await follower.close();
    },
  },
  {
    name: 'never gives an event at or below a head it has given before',
    async run({ store }) {
      const { opened, open } = gate();
      const options = { after: -1, maxBatch: 3, filter: { categories: ['run'] } };
      const followers = [follow(store, options), follow(store, options, () => opened)];
      for (let round = 0; round < 20; round++) {
        await Promise.all(['run-1', 'other-1', 'run-2', 'other-2'].map((stream) => store.append(stream, someEvents(2), 'any')));
      }
      open();
      for (const follower of followers) {
        await follower.reaches(await store.head());
        let before = -1;
        for (const { events, head } of follower.batches) {
          for (const event of events)
            assert.ok(event.position > before && event.position <= head, `${event.position} after head ${before}`);
          assert.ok(head > before, `head went from ${before} to ${head}`);
          before = head;
        }
        assert.equal(follower.events().length, 80);
        await follower.close();
      }
    },
  },
  {
    name: 'gives one batch at a time, none larger than asked for',
    async run({ store }) {
      await store.append('thing-1', someEvents(50), 'no-stream');
      let handling = 0;
      let most = 0;
      const follower = follow(store, { after: -1, maxBatch: 7 }, async () => {
        most = Math.max(most, ++handling);
        for (let turn = 0; turn < 5; turn++) await nextTurn();
        handling -= 1;
      });
      await follower.reaches(await store.head());
      await store.append('thing-1', someEvents(50), 49);
      await follower.reaches(await store.head());
      assert.equal(most, 1);
      assert.ok(Math.max(...follower.batches.map((batch) => batch.events.length)) <= 7);
      assert.equal(follower.events().length, 100);
      await follower.close();
    },
  },
  {
    name: 'gives a slow subscriber everything, in order, and does not hold up the others',
    async run({ store }) {
      const { opened, open } = gate();
      await store.append('thing-0', someEvents(1), 'no-stream');
      const before = await store.head();
      const slow = follow(store, { after: -1 }, ({ head }) => (head > before ? opened : undefined));
      await slow.reaches(before);
      const fast = follow(store, { after: -1 });
      await fast.reaches(await store.head());
      for (let round = 0; round < 10; round++) {
        await Promise.all(Array.from({ length: 10 }, (_, index) => store.append(`thing-${index + 1}`, someEvents(60), 'any')));
      }
      const head = await store.head();
      await fast.reaches(head);
      const given = slow.batches.length;
      open();
      assert.equal(given, 2, 'the slow subscriber is still at its second batch');
      await slow.reaches(head);
      const everything = idsOf(await all(store.readAll()));
      assert.deepEqual(idsOf(slow.events()), everything);
      assert.deepEqual(idsOf(fast.events()), everything);
      await Promise.all([slow.close(), fast.close()]);
    },
  },
  {
    name: 'ends with what its handler threw, gives no further batch, and leaves others alone',
    async run({ store }) {
      await store.append('thing-1', someEvents(4), 'no-stream');
      const failure = new Error('handler failed');
      const handlers = [
        () => Promise.reject(failure),
        () => {
          throw failure;
        },
      ];
      for (const handler of handlers) {
        const failing = follow(store, { after: -1, maxBatch: 1 }, handler);
        const ended = failing.ended.then(
          () => 'resolved',
          (error: unknown) => error,
        );
        const other = follow(store, { after: -1 });
        assert.equal(await ended, failure);
        await store.append('thing-1', someEvents(1), 'any');
        await other.reaches(await store.head());
        assert.equal(failing.batches.length, 1);
        assert.deepEqual(other.events(), await all(store.readAll()));
        await Promise.all([failing.close(), other.close()]);
      }
    },
  },
  {
    name: 'closes once the batch at hand is handled, and gives none after it',
    async run({ store }) {
      const { opened, open } = gate();
      const started = gate();
      await store.append('thing-1', someEvents(4), 'no-stream');
      let handled = 0;
      const follower = follow(store, { after: -1, maxBatch: 1 }, async () => {
        started.open();
        await opened;
        handled += 1;
      });
      await started.opened;
      let closed = false;
      const closing = follower.close().then(() => (closed = true));
      await store.append('thing-1', someEvents(1), 3);
      const early = closed;
      open();
      assert.equal(early, false, 'close resolved while a batch was being handled');
      await closing;
      assert.equal(handled, 1);
      await follower.ended;
      const witness = follow(store, { after: -1 });
      await store.append('thing-1', someEvents(1), 4);
      await witness.reaches(await store.head());
      assert.equal(follower.batches.length, 1);
      await Promise.all([witness.close(), follower.close()]);
    },
  },
  {
    name: 'ends without an error when the store closes, after the batch at hand',
    async run({ store, reopen }) {
      const { opened, open } = gate();
      const started = gate();
      await store.append('thing-1', someEvents(2), 'no-stream');
      let handled = false;
      const busy = follow(store, { after: -1, maxBatch: 1 }, async () => {
        started.open();
        await opened;
        handled = true;
      });
      const idle = follow(store, { after: await store.head() });
      await started.opened;
      const reopening = reopen();
      open();
      await Promise.all([busy.ended, idle.ended]);
      assert.ok(handled);
      await reopening;
      assert.equal(busy.batches.length, 1);
    },
  },
  {
    name: 'does not call its handler before subscribe has returned',
    async run({ store }) {
      await store.append('thing-1', someEvents(1), 'no-stream');
      let returned = false;
      const order: boolean[] = [];
      const follower = follow(store, { after: -1 }, () => void order.push(returned));
      returned = true;
      await follower.reaches(await store.head());
      assert.deepEqual(order, [true]);
      await follower.close();
    },
  },
];
