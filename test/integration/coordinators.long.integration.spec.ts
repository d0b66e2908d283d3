import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { breaches } from '../chaos/effect-rules.js';
import { openWitness, type Witness } from '../chaos/witness.js';
import { Stack } from '../full-stack/stack.js';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually, pause } from '../product/waiting.js';

/** `COORDINATOR_RUNS` in the environment chooses another number. */
const RUNS = Number(process.env['COORDINATOR_RUNS'] ?? 200);
const LANES = 6;
/** Between two starts, so that some runs are in flight whatever happens. */
const EVERY_MS = 100;
const LEASE_MS = 6_000;
const LIMIT_MS = 480_000;

/** A busy machine takes its time to start a process. */
const ready = (stack: Stack, name: string): Promise<unknown> => stack.of(name).printed(/^ready /m, LIMIT_MS);

/** One after the other, while runs are started on and on. */
const FAULTS: readonly ((stack: Stack) => Promise<unknown>)[] = [
  (stack) => {
    stack.start('coordinator', 'coordinator-three');
    return ready(stack, 'coordinator-three');
  },
  (stack) => stack.of('coordinator-two').stop(),
  async (stack) => {
    stack.start('coordinator', 'coordinator-four');
    await stack.of('coordinator-one').kill();
    await ready(stack, 'coordinator-four');
  },
  async (stack) => {
    const { child } = stack.of('coordinator-three');
    child.kill('SIGSTOP');
    await pause(3 * LEASE_MS);
    child.kill('SIGCONT');
  },
];
const BETWEEN_FAULTS_MS = 2_000;

describe(`coordinators that share ${RUNS} runs and more, while one joins, one leaves, one is killed and one is stopped for a while`, () => {
  const runIds: string[] = [];
  let stack: Stack;
  let witness: Witness;

  beforeAll(async () => {
    buildProduct();
    witness = await openWitness();
    const settings = { services: { leaseMs: LEASE_MS } };
    stack = await Stack.open({ environment: { WITNESS_URL: witness.url }, settings });
    for (const service of ['gateway', 'registry', 'agent-workers'] as const) stack.start(service);
    for (const name of ['one', 'two']) stack.start('coordinator', `coordinator-${name}`);
    for (const name of ['gateway', 'registry', 'agent-workers', 'coordinator-one', 'coordinator-two']) await ready(stack, name);
  }, LIMIT_MS);
  afterAll(async () => {
    await stack.close();
    await witness.close();
    await cleanUp();
  }, LIMIT_MS);

  it(
    'carry every run to its right end',
    async () => {
      const door = await stack.door();
      const failures = async (runId: string): Promise<readonly unknown[]> =>
        (await door.events(runId)).filter(({ type }) => type === 'TaskAttemptFailed').map(({ data }) => data);
      let next = 0;
      let isOver = false;
      const lane = async (): Promise<void> => {
        for (let number = next++; number < RUNS || !isOver; number = next++) {
          runIds.push(await started(number));
          await pause(LANES * EVERY_MS);
        }
      };
      // A start whose answer was lost is asked for again, under its key.
      const started = (number: number): Promise<string> =>
        eventually(`start ${number}`, LIMIT_MS, () => door.startRun('shared', { number }, `order-${number}`).catch(() => undefined));
      const faults = async (): Promise<void> => {
        for (const fault of FAULTS) {
          await pause(BETWEEN_FAULTS_MS);
          await fault(stack);
        }
        isOver = true;
      };
      await Promise.all([faults(), ...Array.from({ length: LANES }, lane)]);
      expect(new Set(runIds).size).toBe(runIds.length);
      // A list may be behind; each run tells of its own end.
      const otherwise: unknown[] = [];
      for (const runId of runIds) if ((await door.outcome(runId, LIMIT_MS)) !== 'succeeded') otherwise.push(...(await failures(runId)));
      expect(otherwise).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'do every effect once',
    async () => {
      const door = await stack.door();
      const effects = Map.groupBy(witness.effects, ({ runId }) => runId);
      const found: string[] = [];
      for (const runId of runIds) found.push(...breaches(runId, effects.get(runId) ?? [], await door.events(runId)));
      expect(found).toEqual([]);
      expect(witness.effects).toHaveLength(2 * runIds.length);
    },
    LIMIT_MS,
  );
});
