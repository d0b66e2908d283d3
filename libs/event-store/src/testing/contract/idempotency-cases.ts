import assert from 'node:assert/strict';
import type { EventStoreContractCase } from './contract-case.js';
import { all, idsOf, refusal, someEvent, someEvents } from './contract-events.js';

export const idempotencyCases: readonly EventStoreContractCase[] = [
  {
    name: 'answers a repeated append as the first time and appends nothing',
    async run({ store }) {
      const events = someEvents(3);
      const first = await store.append('thing-1', events, 'no-stream');
      assert.deepEqual(await store.append('thing-1', events, 'no-stream'), first);
      assert.equal((await all(store.readStream('thing-1'))).length, 3);
    },
  },
  {
    name: 'recognises a repeat after the stream moved on, whatever revision it expects',
    async run({ store }) {
      await store.append('thing-1', someEvents(1), 'no-stream');
      const events = someEvents(2);
      const first = await store.append('thing-1', events, 0);
      await store.append('thing-1', someEvents(3), 2);
      for (const expected of [0, 2, 5, 99, 'any', 'no-stream'] as const) {
        assert.deepEqual(await store.append('thing-1', events, expected), first, `expecting ${expected}`);
      }
      assert.equal((await all(store.readStream('thing-1'))).length, 6);
    },
  },
  {
    name: 'recognises a repeat after the store was opened again',
    async run({ store, reopen }) {
      const events = someEvents(2);
      const first = await store.append('thing-1', events, 'no-stream');
      await store.append('thing-1', someEvents(1), 1);
      const again = await reopen();
      assert.deepEqual(await again.append('thing-1', events, 2), first);
      assert.deepEqual(await again.append('thing-1', events, 'any'), first);
      assert.equal((await all(again.readStream('thing-1'))).length, 3);
    },
  },
  {
    name: 'makes one append of concurrent repeats',
    async run({ store }) {
      const events = someEvents(2);
      const answers = await Promise.all(
        (['no-stream', 'any', 'no-stream', 0] as const).map((expected) => store.append('thing-1', events, expected)),
      );
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.deepEqual(idsOf(await all(store.readStream('thing-1'))), idsOf(events));
    },
  },
  {
    name: 'refuses an append of which only some ids are in the stream, and writes nothing',
    async run({ store }) {
      const [known, unknown] = [someEvent(), someEvent()];
      await store.append('thing-1', [known], 'no-stream');
      await refusal(store.append('thing-1', [known, unknown], 0), 'IDEMPOTENCY_CONFLICT');
      await refusal(store.append('thing-1', [unknown, known], 'any'), 'IDEMPOTENCY_CONFLICT');
      assert.deepEqual(idsOf(await all(store.readStream('thing-1'))), [known.id]);
    },
  },
  {
    name: 'refuses known ids in another order or with others between',
    async run({ store }) {
      const [a, b, c] = [someEvent(), someEvent(), someEvent()];
      await store.append('thing-1', [a, b, c], 'no-stream');
      await refusal(store.append('thing-1', [b, a], 'any'), 'IDEMPOTENCY_CONFLICT');
      await refusal(store.append('thing-1', [a, c], 'any'), 'IDEMPOTENCY_CONFLICT');
      assert.equal((await all(store.readStream('thing-1'))).length, 3);
    },
  },
  {
    name: 'refuses another event under a known id',
    async run({ store }) {
      const event = someEvent('ThingDone', { a: 1, b: 2 });
      const first = await store.append('thing-1', [event], 'no-stream');
      await refusal(store.append('thing-1', [{ ...event, data: { a: 1, b: 3 } }], 0), 'IDEMPOTENCY_CONFLICT');
      await refusal(store.append('thing-1', [{ ...event, type: 'ThingUndone' }], 'any'), 'IDEMPOTENCY_CONFLICT');
      await refusal(store.append('thing-1', [{ ...event, schemaVersion: 2 }], 'any'), 'IDEMPOTENCY_CONFLICT');
      const retry = { ...event, data: { b: 2, a: 1 }, metadata: { ...event.metadata, traceparent: '00-other-trace-01' } };
      assert.deepEqual(await store.append('thing-1', [retry], 0), first, 'a retry has a trace of its own');
    },
  },
  {
    name: 'refuses one id twice in an append',
    async run({ store }) {
      const event = someEvent();
      await refusal(store.append('thing-1', [event, someEvent(), event], 'any'), 'IDEMPOTENCY_CONFLICT');
      assert.equal(await store.head(), -1);
    },
  },
  {
    name: 'takes an id again in another stream',
    async run({ store }) {
      const event = someEvent();
      await store.append('thing-1', [event], 'no-stream');
      const other = await store.append('thing-2', [event], 'no-stream');
      assert.equal(other.events[0]?.stream, 'thing-2');
      assert.equal((await all(store.readAll())).length, 2);
    },
  },
  {
    name: 'takes new ids that sort before those already in the stream, and knows them all afterwards',
    async run({ store }) {
      const [early, late] = [someEvent(), someEvent()];
      await store.append('thing-1', [late], 'no-stream');
      await store.append('thing-1', [early], 0);
      for (const event of [late, early]) await store.append('thing-1', [event], 'any');
      assert.deepEqual(idsOf(await all(store.readStream('thing-1'))), [late.id, early.id]);
    },
  },
];
