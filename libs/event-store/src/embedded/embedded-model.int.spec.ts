import { describe, it } from '@jest/globals';
import { toTuttiError, type NewEvent } from '@tutti/kernel';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import type { EventStore, ExpectedRevision } from '../event-store.port.js';
import { all, someEvent } from '../testing/contract/contract-events.js';
import { inMemoryHarness } from '../testing/in-memory-harness.js';
import { embeddedHarness } from './embedded-harness.js';

const STREAMS = ['run-1', 'run-2', 'runner-1', 'agent-1'];
const TYPES = ['A', 'B', 'C'];

const expectedRevision = fc.oneof(fc.constantFrom<ExpectedRevision>('any', 'no-stream'), fc.integer({ min: -1, max: 6 }));
const append = fc.record({
  what: fc.constant('append' as const),
  stream: fc.constantFrom(...STREAMS),
  /** Indexes into a small pool, so that repeats of every kind come up. */
  events: fc.oneof(
    fc.array(fc.nat({ max: 30 }), { minLength: 0, maxLength: 4 }),
    fc
      .tuple(fc.nat({ max: 28 }), fc.integer({ min: 1, max: 3 }))
      .map(([from, count]) => Array.from({ length: count }, (_, index) => from + index)),
  ),
  expected: fc.oneof({ weight: 3, arbitrary: fc.constant<ExpectedRevision>('any') }, { weight: 2, arbitrary: expectedRevision }),
});
const read = fc.record({
  what: fc.constant('read' as const),
  filter: fc.record({ categories: fc.subarray(['run', 'runner', 'agent']), types: fc.subarray(TYPES) }, { requiredKeys: [] }),
  direction: fc.constantFrom('forwards' as const, 'backwards' as const),
  from: fc.nat({ max: 40 }),
  limit: fc.nat({ max: 10 }),
});
const reopen = fc.record({ what: fc.constant('reopen' as const) });
const crash = fc.record({ what: fc.constant('crash' as const) });
const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: append },
    { weight: 2, arbitrary: read },
    { weight: 1, arbitrary: reopen },
    { weight: 1, arbitrary: crash },
  ),
  {
    maxLength: 40,
    size: 'max',
  },
);

describe('embedded event store', () => {
  it('answers whatever the store in memory answers to any sequence of appends, reads and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const pool = Array.from({ length: 32 }, (_, index) => someEvent(TYPES[index % TYPES.length], { index }));
        const [embedded, model] = [await embeddedHarness(), await inMemoryHarness()()];
        try {
          let stores: readonly [EventStore, EventStore] = [embedded.store, model.store];
          for (const step of sequence) {
            if (step.what === 'reopen') stores = [await embedded.reopen(), await model.reopen()];
            else if (step.what === 'crash') stores = [await embedded.crash(), await model.crash()];
            else await agree(stores, (store) => perform(store, step, pool));
          }
          await agree(stores, (store) => all(store.readAll()));
          for (const stream of STREAMS) await agree(stores, (store) => all(store.readStream(stream)));
        } finally {
          await Promise.all([embedded.close(), model.close()]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

type Step =
  typeof append extends fc.Arbitrary<infer Append> ? (typeof read extends fc.Arbitrary<infer Read> ? Append | Read : never) : never;

function perform(store: EventStore, step: Step, pool: readonly NewEvent[]): Promise<unknown> {
  if (step.what === 'read') return all(store.readAll(step));
  return store.append(
    step.stream,
    step.events.map((index) => pool[index] as NewEvent),
    step.expected,
  );
}

async function agree([embedded, model]: readonly [EventStore, EventStore], act: (store: EventStore) => Promise<unknown>): Promise<void> {
  const outcome = (store: EventStore) => act(store).catch((error: unknown) => toTuttiError(error).code);
  assert.deepEqual(await outcome(embedded), await outcome(model));
}
