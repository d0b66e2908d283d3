import { findBrokenLink, type RecordedEvent } from '@tutti/kernel';
import assert from 'node:assert/strict';
import { MAX_APPEND_BYTES } from '../../event-store.port.js';
import type { EventStoreContractCase } from './contract-case.js';
import { all, idsOf, positionsOf, refusal, revisionsOf, someEvent, someEvents } from './contract-events.js';

export const appendCases: readonly EventStoreContractCase[] = [
  {
    name: 'answers an append with its events as recorded, and reads them back the same',
    async run({ store }) {
      const data = { text: 'ß “𝄞” \n\u0000', nested: { z: [1, 0.1, -5e300, null, true, ''], a: {} }, empty: [] };
      const event = { ...someEvent('ThingDone', data), schemaVersion: 3 };
      const metadata = {
        ...event.metadata,
        causationId: 'cause',
        subject: 'person:1',
        keyId: 'key-1',
        traceparent: '00-aa-bb-01',
        tenant: 'other',
      };
      const second = { ...someEvent('ThingNoted'), metadata };
      const answer = await store.append('thing-1', [event, second], 'no-stream');
      assert.equal(answer.revision, 1);
      assert.equal(answer.position, answer.events[1]?.position);
      for (const [index, given] of [event, second].entries()) {
        const recorded = answer.events[index] as RecordedEvent;
        const { stream, revision, contentType, time, position, previousHash, ...rest } = recorded;
        assert.deepEqual(rest, given);
        assert.deepEqual({ stream, revision, contentType }, { stream: 'thing-1', revision: index, contentType: 'application/json' });
        assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.ok(Number.isSafeInteger(position) && position >= 0);
        assert.equal(previousHash === null, index === 0);
      }
      assert.deepEqual(await all(store.readStream('thing-1')), answer.events);
      assert.deepEqual(await all(store.readAll()), answer.events);
      assert.equal(JSON.stringify((await all(store.readStream('thing-1')))[0]?.data), JSON.stringify(data), 'keeps the order of keys');
    },
  },
  {
    name: 'counts revisions from 0 without gaps, across appends and streams',
    async run({ store }) {
      await store.append('thing-1', someEvents(2), 'no-stream');
      await store.append('other-1', someEvents(3), 'no-stream');
      const answer = await store.append('thing-1', someEvents(2), 1);
      assert.deepEqual(revisionsOf(answer.events), [2, 3]);
      assert.deepEqual(revisionsOf(await all(store.readStream('thing-1'))), [0, 1, 2, 3]);
    },
  },
  {
    name: 'refuses an append at another revision than expected, says both, and writes nothing',
    async run({ store }) {
      await store.append('thing-1', someEvents(2), 'no-stream');
      const cases = [
        { stream: 'thing-1', expected: 0, actual: 1 },
        { stream: 'thing-1', expected: 2, actual: 1 },
        { stream: 'thing-1', expected: 'no-stream', actual: 1 },
        { stream: 'thing-2', expected: 0, actual: -1 },
      ] as const;
      for (const { stream, expected, actual } of cases) {
        const error = await refusal(store.append(stream, someEvents(1), expected), 'REVISION_CONFLICT');
        assert.deepEqual(error.details, { stream, expected, actual });
      }
      assert.equal((await all(store.readAll())).length, 2);
    },
  },
  {
    name: 'lets exactly one of several concurrent appends at the same revision win',
    async run({ store }) {
      await store.append('thing-1', someEvents(1), 'no-stream');
      const contenders = Array.from({ length: 8 }, () => someEvents(2));
      const settled = await Promise.allSettled(contenders.map((events) => store.append('thing-1', events, 0)));
      const winners = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      assert.equal(winners.length, 1);
      for (const outcome of settled) {
        if (outcome.status === 'rejected') await refusal(Promise.reject(outcome.reason as Error), 'REVISION_CONFLICT');
      }
      assert.deepEqual(idsOf((await all(store.readStream('thing-1'))).slice(1)), idsOf(winners[0]?.events ?? []));
    },
  },
  {
    name: 'appends to a stream at whatever revision when any is expected',
    async run({ store }) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => store.append('thing-1', someEvents(2), 'any')));
      assert.deepEqual(answers.map((answer) => answer.revision).sort(), [1, 3, 5, 7, 9]);
      for (const { events } of answers) assert.equal((events[0]?.revision ?? 0) + 1, events[1]?.revision, 'an append stays together');
    },
  },
  {
    name: 'does not let a refused append harm the others in flight with it',
    async run({ store }) {
      await store.append('thing-0', someEvents(1), 'no-stream');
      const before = store.append('thing-1', someEvents(1), 'no-stream');
      const refused = refusal(store.append('thing-0', someEvents(1), 'no-stream'), 'REVISION_CONFLICT');
      const after = store.append('thing-2', someEvents(1), 'no-stream');
      const [first, , second] = await Promise.all([before, refused, after]);
      assert.deepEqual(idsOf(await all(store.readStream('thing-1'))), idsOf(first.events));
      assert.deepEqual(idsOf(await all(store.readStream('thing-2'))), idsOf(second.events));
    },
  },
  {
    name: 'takes exactly the largest append and refuses one byte more, counted in UTF-8 over all its events',
    async run({ store }) {
      const ofSize = (bytes: number) => {
        const half = someEvent('ThingGrew', { text: 'é'.repeat(MAX_APPEND_BYTES / 8) });
        const rest = someEvent('ThingGrew', { text: '' });
        const room =
          bytes - Buffer.byteLength([half, rest].map(({ data, metadata }) => JSON.stringify(data) + JSON.stringify(metadata)).join(''));
        return [half, { ...rest, data: { text: 'x'.repeat(room) } }];
      };
      await refusal(store.append('thing-1', ofSize(MAX_APPEND_BYTES + 1), 'no-stream'), 'PAYLOAD_TOO_LARGE');
      assert.equal(await store.head(), -1);
      const events = ofSize(MAX_APPEND_BYTES);
      await store.append('thing-1', events, 'no-stream');
      assert.deepEqual(
        (await all(store.readStream('thing-1'))).map((event) => event.data),
        events.map((event) => event.data),
      );
    },
  },
  {
    name: 'refuses an append without events or without a stream',
    async run({ store }) {
      await refusal(store.append('thing-1', [], 'any'), 'INVALID_REQUEST');
      await refusal(store.append('', someEvents(1), 'any'), 'INVALID_REQUEST');
    },
  },
  {
    name: 'chains each event of a stream to the one before it',
    async run({ store }) {
      await store.append('thing-1', someEvents(2), 'no-stream');
      await store.append('other-1', someEvents(1), 'no-stream');
      await store.append('thing-1', [someEvent('ThingRenamed', { name: 'é', list: [1, { b: 1, a: 2 }] }), ...someEvents(2)], 1);
      const events = await all(store.readStream('thing-1'));
      assert.equal(events.length, 5);
      assert.equal(findBrokenLink(events), null);
      assert.equal(findBrokenLink(await all(store.readStream('other-1'))), null);
    },
  },
  {
    name: 'gives positions that grow in the order of appends, and the last of them as head',
    async run({ store }) {
      assert.equal(await store.head(), -1);
      const answers = [];
      for (const stream of ['thing-1', 'other-1', 'thing-1']) answers.push(await store.append(stream, someEvents(2), 'any'));
      const positions = answers.flatMap((answer) => positionsOf(answer.events));
      assert.deepEqual(
        positions,
        [...new Set(positions)].sort((a, b) => a - b),
      );
      assert.equal(await store.head(), positions.at(-1));
    },
  },
];
