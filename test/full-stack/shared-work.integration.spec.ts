import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { breaches } from '../chaos/effect-rules.js';
import { openWitness, type Witness } from '../chaos/witness.js';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually } from '../product/waiting.js';
import { Stack } from './stack.js';

/** `FULL_STACK_RUNS` in the environment chooses another number. */
const RUNS = Number(process.env['FULL_STACK_RUNS'] ?? 2_000);
/** Starts under way at once. */
const LANES = 20;
const LIMIT_MS = 480_000;
const INFO = 30;

describe(`two coordinators and two workers that share ${RUNS} runs, a third of each joining in the middle`, () => {
  const runIds: string[] = [];
  let stack: Stack;
  let witness: Witness;

  beforeAll(async () => {
    buildProduct();
    witness = await openWitness();
    stack = await Stack.open({ environment: { WITNESS_URL: witness.url } });
    stack.start('gateway');
    stack.start('registry');
    for (const name of ['one', 'two']) stack.start('coordinator', `coordinator-${name}`);
    for (const name of ['one', 'two']) stack.start('agent-workers', `worker-${name}`);
    await stack.allReady();
    const door = await stack.door();
    let next = 0;
    const joined = Promise.withResolvers<void>();
    const lane = async (): Promise<void> => {
      for (let number = next++; number < RUNS; number = next++) {
        // They join while work goes on, and there is work left when they have: how soon a process is up is not what is looked at here.
        if (number >= RUNS / 2) await joined.promise;
        const start = () => door.startRun('shared', { number: number % 100 }, `order-${number}`).catch(() => undefined);
        runIds.push(await eventually(`order ${number} is taken`, LIMIT_MS, start));
        if (runIds.length === Math.floor(RUNS / 3)) {
          stack.start('coordinator', 'coordinator-three');
          stack.start('agent-workers', 'worker-three');
          Promise.all(['coordinator-three', 'worker-three'].map((name) => stack.ready(name))).then(() => joined.resolve(), joined.reject);
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    await eventually('every run has ended', LIMIT_MS, async () => {
      const open = await door.runIds('running').catch(() => null);
      return open?.length === 0 ? true : undefined;
    });
  }, LIMIT_MS);
  afterAll(async () => {
    await stack.close();
    await witness.close();
    await cleanUp();
  }, LIMIT_MS);

  it('carries every run to its right end', async () => {
    const door = await stack.door();
    expect(new Set(runIds).size).toBe(RUNS);
    expect((await door.runIds('succeeded')).length).toBe(RUNS);
  });

  it(
    'does every effect once, over the rebalances',
    async () => {
      const door = await stack.door();
      const effects = Map.groupBy(witness.effects, ({ runId }) => runId);
      const found: string[] = [];
      for (const runId of runIds) found.push(...breaches(runId, effects.get(runId) ?? [], await door.events(runId)));
      expect(found).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'gave each coordinator its fair share, and said nothing in error',
    async () => {
      expect(stack.logged()).toEqual([]);
      const shares = new Map<string, number>();
      for (const name of ['one', 'two', 'three']) {
        expect(await stack.of(`coordinator-${name}`).stop()).toMatchObject({ code: 0 });
        const line = stack
          .logged(INFO)
          .find((text) => text.startsWith(`coordinator-${name}:`) && text.includes('answers for no run any more'));
        shares.set(name, Number(/"appends":(\d+)/.exec(line ?? '')?.[1]));
      }
      const all = [...shares.values()].reduce((sum, share) => sum + share, 0);
      process.stdout.write(`shared-work: appends ${JSON.stringify(Object.fromEntries(shares))}, ${witness.effects.length} effects\n`);
      // The third was there for half of the runs at least.
      expect(shares.get('one')).toBeGreaterThan(0.2 * all);
      expect(shares.get('two')).toBeGreaterThan(0.2 * all);
      expect(shares.get('three')).toBeGreaterThan(0.1 * all);
    },
    LIMIT_MS,
  );
});
