import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '@tutti/contracts';
import type { EventStore } from '@tutti/event-store';
import { TuttiError } from '@tutti/kernel';
import { seededRandom } from '@tutti/kernel/testing';
import { agent, startEngine, type Engine } from '../testing/engine.js';
import { failingStore } from '../testing/failing-store.js';

const LIMIT = 2;
const RUNS = 6;
const DEFINITION = `
name: wf
steps:
  a: {capability: work, concurrency: {key: shared, limit: ${LIMIT}}, retry: {maxAttempts: 50, initialInterval: 1s, maxInterval: 1s}}
  b: {capability: work, needs: a, priority: 1, concurrency: {key: shared, limit: ${LIMIT}}, retry: {maxAttempts: 50, initialInterval: 1s, maxInterval: 1s}}
`;

describe('limits while appends fail and the coordinator crashes', () => {
  let engine: Engine;
  afterEach(() => engine.close());

  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setImmediate(resolve));
  };

  /** Fails some appends before and some after they were written, as a store does whose answer is lost. */
  const shaky =
    (random: () => number, isOn: () => boolean) =>
    (store: EventStore): EventStore => {
      const failing = failingStore(store, () => {
        const chance = random();
        if (isOn() && chance < 0.2) throw new TuttiError(chance < 0.1 ? 'REVISION_CONFLICT' : 'DISK_FULL', 'as the test says');
      });
      return {
        ...failing,
        append: async (...args: Parameters<EventStore['append']>) => {
          const result = await failing.append(...args);
          if (isOn() && random() < 0.1) throw new TuttiError('STORE_UNAVAILABLE', 'the answer was lost');
          return result;
        },
      };
    };

  /** The most attempts that were out at once, going by the log. */
  const mostAtOnce = async (): Promise<number> => {
    const out = new Set<string>();
    let most = 0;
    for await (const recorded of engine.store.readAll({ filter: { categories: ['run'] } })) {
      const event = recorded as unknown as RunEvent;
      if (event.type === 'TaskScheduled' || event.type === 'TaskAssigned') {
        if (event.data.assignment !== null) out.add(`${recorded.stream} ${event.data.task}`);
      } else if (event.type === 'TaskSucceeded' || event.type === 'TaskAttemptFailed' || event.type === 'TaskCancelled') {
        out.delete(`${recorded.stream} ${event.data.task}`);
      }
      most = Math.max(most, out.size);
    }
    return most;
  };

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'are never exceeded, and every run ends: %i',
    async (seed) => {
      const source = seededRandom(seed);
      const random = (): number => source.next();
      let isShaky = false;
      const handler = (): number => {
        if (random() < 0.2) throw new Error('boom');
        return 1;
      };
      engine = await startEngine(
        DEFINITION.trim(),
        handler,
        [agent('worker', ['work'])],
        shaky(random, () => isShaky),
      );
      isShaky = true;
      for (let run = 0; run < RUNS; run++) await engine.start('wf', {}, `r${run}`).catch(() => undefined);
      for (let round = 0; round < 40; round++) {
        await engine.runtime.advance(1_500);
        await settle();
        if (random() < 0.1) {
          await engine.crash();
          await engine.boot(`w${round}`, [agent('worker', ['work'])]);
          for (let run = 0; run < RUNS; run++) await engine.owner.recover(`r${run}`).catch(() => undefined);
        }
      }
      isShaky = false;
      for (let run = 0; run < RUNS; run++) await engine.start('wf', {}, `r${run}`);
      for (let round = 0; round < 60; round++) {
        await engine.runtime.advance(1_500);
        await settle();
      }
      for (let run = 0; run < RUNS; run++) await engine.until('RunSucceeded', `r${run}`);
      expect(await mostAtOnce()).toBeLessThanOrEqual(LIMIT);
      expect(engine.permits.usage({ kind: 'concurrency', scope: 'concurrency.key:shared', limit: LIMIT, perMs: null }).used).toBe(0);
    },
    30_000,
  );
});
