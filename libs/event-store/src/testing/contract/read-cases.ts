import type { RecordedEvent } from '@tutti/kernel';
import assert from 'node:assert/strict';
import type { EventStore, ReadOptions } from '../../event-store.port.js';
import type { EventStoreContractCase } from './contract-case.js';
import { all, idsOf, nextTurn, positionsOf, refusal, revisionsOf, someEvent, someEvents } from './contract-events.js';

/** More than any adapter reads in one go. */
const MANY = 1_300;

export const readCases: readonly EventStoreContractCase[] = [
  {
    name: 'gives nothing for a stream that does not exist',
    async run({ store }) {
      await store.append('thing-1', someEvents(1), 'no-stream');
      assert.deepEqual(await all(store.readStream('thing-2')), []);
      assert.deepEqual(await all(store.readStream('thing')), []);
    },
  },
  {
    name: 'reads a stream from a revision, both ways, up to a limit',
    async run({ store }) {
      await store.append('thing-1', someEvents(6), 'no-stream');
      const cases: readonly (readonly [ReadOptions, readonly number[]])[] = [
        [{}, [0, 1, 2, 3, 4, 5]],
        [{ from: 4 }, [4, 5]],
        [{ from: 1, limit: 2 }, [1, 2]],
        [{ limit: 0 }, []],
        [{ from: 6 }, []],
        [{ direction: 'forwards', limit: 99 }, [0, 1, 2, 3, 4, 5]],
        [{ direction: 'backwards' }, [5, 4, 3, 2, 1, 0]],
        [{ direction: 'backwards', limit: 2 }, [5, 4]],
        [{ direction: 'backwards', from: 2 }, [2, 1, 0]],
        [{ direction: 'backwards', from: 99, limit: 1 }, [5]],
        [{ direction: 'backwards', from: 0 }, [0]],
      ];
      for (const [options, revisions] of cases) {
        assert.deepEqual(revisionsOf(await all(store.readStream('thing-1', options))), revisions, JSON.stringify(options));
      }
    },
  },
  {
    name: 'reads all streams from a position, both ways, up to a limit',
    async run({ store }) {
      const events = await mixedStreams(store);
      const at = (index: number) => events[index]?.position as number;
      const cases: readonly (readonly [ReadOptions, readonly RecordedEvent[]])[] = [
        [{}, events],
        [{ from: at(2) }, events.slice(2)],
        [{ from: at(2), limit: 3 }, events.slice(2, 5)],
        [{ from: at(events.length - 1) + 1 }, []],
        [{ direction: 'backwards' }, events.toReversed()],
        [{ direction: 'backwards', from: at(3) }, events.slice(0, 4).reverse()],
        [{ direction: 'backwards', from: at(3), limit: 2 }, [events[3], events[2]] as RecordedEvent[]],
        [{ limit: 0 }, []],
      ];
      for (const [options, expected] of cases) assert.deepEqual(await all(store.readAll(options)), expected, JSON.stringify(options));
    },
  },
  {
    name: 'filters by category and type, both ways, from a position up to a limit',
    async run({ store }) {
      const events = await mixedStreams(store);
      const category = (event: RecordedEvent) => event.stream.split('-')[0] ?? '';
      const filters = [
        { categories: ['run'] },
        { categories: ['run', 'agent'] },
        { types: ['B'] },
        { types: ['A', 'C'], categories: ['run', 'runner'] },
        { categories: ['nothing'] },
        { categories: [] },
        { types: [] },
        {},
      ];
      for (const filter of filters) {
        const { categories, types } = filter;
        const expected = events.filter((event) => (categories?.includes(category(event)) ?? true) && (types?.includes(event.type) ?? true));
        assert.deepEqual(idsOf(await all(store.readAll({ filter }))), idsOf(expected), JSON.stringify(filter));
        const from = events[6]?.position as number;
        const later = expected.filter((event) => event.position >= from);
        assert.deepEqual(idsOf(await all(store.readAll({ filter, from, limit: 2 }))), idsOf(later.slice(0, 2)));
        const earlier = expected.filter((event) => event.position <= from).reverse();
        assert.deepEqual(idsOf(await all(store.readAll({ filter, from, limit: 3, direction: 'backwards' }))), idsOf(earlier.slice(0, 3)));
      }
    },
  },
  {
    name: 'gives every one of many events, both ways, filtered and not',
    async run({ store }) {
      for (let start = 0; start < MANY; start += 100) {
        await store.append('thing-1', [...someEvents(50, 'Even'), ...someEvents(50, 'Odd')], start - 1 < 0 ? 'no-stream' : start - 1);
      }
      const forwards = Array.from({ length: MANY }, (_, revision) => revision);
      assert.deepEqual(revisionsOf(await all(store.readStream('thing-1'))), forwards);
      assert.deepEqual(revisionsOf(await all(store.readStream('thing-1', { direction: 'backwards' }))), forwards.toReversed());
      assert.deepEqual(revisionsOf(await all(store.readAll())), forwards);
      assert.deepEqual(
        revisionsOf(await all(store.readAll({ direction: 'backwards', limit: 1_100 }))),
        forwards.toReversed().slice(0, 1_100),
      );
      const odd = forwards.filter((revision) => revision % 100 >= 50);
      assert.deepEqual(revisionsOf(await all(store.readAll({ filter: { types: ['Odd'] } }))), odd);
      assert.deepEqual(revisionsOf(await all(store.readAll({ filter: { types: ['Odd'] }, direction: 'backwards' }))), odd.toReversed());
    },
  },
  {
    name: 'never shows an event at or below a position that a reader has already seen',
    async run({ store }) {
      let done = false;
      const appends = Promise.all(
        Array.from({ length: 60 }, (_, index) => appendInTurns(store, `thing-${index}`, (index % 5) + 1)),
      ).finally(() => (done = true));
      // Awaited below; if reading fails before, that is what is told.
      appends.catch(() => undefined);
      let seen: number[] = [];
      while (!done) {
        const now = positionsOf(await all(store.readAll()));
        assert.deepEqual(now.slice(0, seen.length), seen);
        assert.deepEqual(
          now,
          now.toSorted((a, b) => a - b),
        );
        seen = now;
        await nextTurn();
      }
      const positions = (await appends).flat().sort((a, b) => a - b);
      assert.deepEqual(positionsOf(await all(store.readAll())), positions);
    },
  },
  {
    name: 'never ends a read early as though it were complete when the store closes under it',
    async run({ store, reopen }) {
      await store.append('thing-1', someEvents(MANY), 'no-stream');
      const reads = [store.readStream('thing-1'), store.readAll()].map((events) => events[Symbol.asyncIterator]());
      for (const read of reads) await read.next();
      await reopen();
      for (const read of reads) {
        let count = 1;
        const toTheEnd = async () => {
          while ((await read.next()).done !== true) count += 1;
          return 'complete';
        };
        const end = await toTheEnd().catch(() => 'thrown');
        assert.ok(end === 'thrown' || count === MANY, `the read ended after ${count} of ${MANY} events without an error`);
      }
      await refusal(store.append('thing-1', someEvents(1), 'any'), 'SHUTTING_DOWN');
    },
  },
];

async function mixedStreams(store: EventStore): Promise<RecordedEvent[]> {
  const streams = ['run-1', 'agent-1', 'runner-1', 'run-2', 'run', 'agent-2-run-1', 'run-1', 'agent-1', 'run-2'];
  const events: RecordedEvent[] = [];
  for (const stream of streams) {
    const answer = await store.append(stream, [someEvent('A'), someEvent('B'), someEvent('C')].slice(0, 2 + (events.length % 2)), 'any');
    events.push(...answer.events);
  }
  return events;
}

async function appendInTurns(store: EventStore, stream: string, times: number): Promise<number[]> {
  const positions: number[] = [];
  for (let time = 0; time < times; time++) {
    positions.push(...positionsOf((await store.append(stream, someEvents(2), 'any')).events));
    await nextTurn();
  }
  return positions;
}
