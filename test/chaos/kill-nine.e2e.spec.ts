import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { approvalsProjection, runsProjection, tasksProjection, workflowsProjection } from '@tutti/coordinator';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { seededRandom } from '@tutti/kernel/testing';
import { rebuildAndCompare } from '@tutti/read-models';
import { openEmbeddedReadModels } from '@tutti/read-models/embedded';
import { agentsProjection, servicesProjection } from '@tutti/registry';
import { createSystemRuntime } from '@tutti/service-kit';
import { Door } from './door.js';
import { breaches } from './effect-rules.js';
import { buildProduct, pause, Place } from './product-process.js';
import { openWitness, type Witness } from './witness.js';

const ROUNDS = 50;
const MOST_RUNS_PER_ROUND = 3;
const LONGEST_WORK_MS = 600;
/** Part of the rounds that are killed before they serve, within so many milliseconds of their start. */
const STARTUP_KILLS = 0.2;
const LONGEST_STARTUP_MS = 1_300;
const LIMIT_MS = 400_000;

/** One start that a client wants; it is asked for, with the same key, until it is answered. */
interface Order {
  readonly key: string;
  readonly number: number;
  runId: string | null;
}

describe(`a process killed ${ROUNDS} times at random moments`, () => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 4_294_967_296);
  const random = seededRandom(seed);
  const orders: Order[] = [];
  const contradictions: string[] = [];
  const kills = { starting: 0, serving: 0, effects: 0 };
  let witness: Witness;
  let place: Place;
  let door: Door;

  beforeAll(async () => {
    process.stdout.write(`kill-nine: CHAOS_SEED=${seed}\n`);
    buildProduct();
    witness = await openWitness();
    place = new Place(witness.url);
    for (let round = 0; round < ROUNDS; round++) await liveAndDie(round);
    kills.effects = witness.effects.length;
    const last = place.start();
    door = new Door(await last.ready(), place.token());
    await Promise.all(orders.map((order) => post(door, order)));
  }, LIMIT_MS);

  afterAll(async () => {
    await place.leave();
    await witness.close();
  });

  it('died while it worked, with effects done and starts unanswered, or this test would show nothing', () => {
    expect(kills.starting + kills.serving).toBe(ROUNDS);
    expect(kills.serving).toBeGreaterThan(ROUNDS / 2);
    expect(kills.effects).toBeGreaterThan(ROUNDS);
    expect(orders.length).toBeGreaterThan(ROUNDS);
  });

  it('answers a start repeated under its key with the run that it began, and began no other', async () => {
    expect(contradictions).toEqual([]);
    const started = orders.map(({ runId }) => runId);
    expect(started).not.toContain(null);
    expect([...(await door.runIds())].sort()).toEqual([...started].sort());
  });

  it(
    'carries every acknowledged run to its right end',
    async () => {
      const begun = performance.now();
      for (const { runId, number } of orders) {
        if (runId === null) throw new Error('a start was never answered');
        expect({ runId, status: await door.outcome(runId, 60_000) }).toEqual({ runId, status: 'succeeded' });
        expect((await door.run(runId)).outputs).toEqual({ sum: 78 + 12 * number });
      }
      process.stdout.write(`kill-nine: the last life ended what was open in ${Math.round(performance.now() - begun)} ms\n`);
    },
    LIMIT_MS,
  );

  it(
    'does no effect twice in one attempt, and none once the task had succeeded',
    async () => {
      const found: string[] = [];
      let lost = 0;
      for (const runId of await door.runIds()) {
        const events = await door.events(runId);
        lost += events.filter(({ data }) => data['cause'] === 'lost').length;
        found.push(
          ...breaches(
            runId,
            witness.effects.filter((effect) => effect.runId === runId),
            events,
          ),
        );
      }
      process.stdout.write(
        `kill-nine: ${orders.length} runs, ${witness.effects.length} effects, ${lost} attempts lost, ${kills.starting} kills at start-up\n`,
      );
      expect(found).toEqual([]);
      expect(lost).toBeGreaterThan(0);
    },
    LIMIT_MS,
  );

  it(
    'leaves read models that equal a rebuild from zero, whole hash chains, and not one error in the log',
    async () => {
      expect(await place.newest().kill('SIGTERM')).toBe(0);
      expect(place.logged('error')).toEqual([]);
      const runtime = createSystemRuntime();
      const store = await openEmbeddedEventStore({ file: join(place.dataDir, 'events.db'), runtime });
      const readModels = await openEmbeddedReadModels({ file: join(place.dataDir, 'read-models.db'), runtime });
      try {
        const report = await store.verify();
        expect(report).toMatchObject({ damage: null });
        expect(report.streams).toBeGreaterThan(orders.length);
        const compare = { store, readModels, runtime };
        const differing = {
          runs: await rebuildAndCompare({ projection: runsProjection, ...compare }),
          tasks: await rebuildAndCompare({ projection: tasksProjection, ...compare }),
          approvals: await rebuildAndCompare({ projection: approvalsProjection, ...compare }),
          workflows: await rebuildAndCompare({ projection: workflowsProjection, ...compare }),
          agents: await rebuildAndCompare({ projection: agentsProjection, ...compare }),
          services: await rebuildAndCompare({ projection: servicesProjection, ...compare }),
        };
        expect(differing).toEqual({ runs: [], tasks: [], approvals: [], workflows: [], agents: [], services: [] });
        const runs = await readModels.open(runsProjection);
        expect(await runs.find({ filter: { status: 'succeeded' }, limit: 1_000 })).toHaveLength(orders.length);
      } finally {
        await readModels.close();
        await store.close();
      }
    },
    LIMIT_MS,
  );

  async function liveAndDie(round: number): Promise<void> {
    const product = place.start();
    if (random.next() < STARTUP_KILLS) {
      await pause(random.next() * LONGEST_STARTUP_MS);
      kills.starting++;
      expect(await product.kill()).toBe('SIGKILL');
      return;
    }
    const here = new Door(await product.ready(), place.token());
    const fresh = Array.from({ length: 1 + Math.floor(random.next() * MOST_RUNS_PER_ROUND) }, (_, index): Order => {
      return { key: `order-${round}-${index}`, number: round + index, runId: null };
    });
    const open = orders.filter(({ runId }) => runId === null);
    orders.push(...fresh);
    // One that was answered before is asked for again, too: the answer must hold over the crash.
    const answered = orders.filter(({ runId }) => runId !== null).at(-1);
    const asked = [...open, ...fresh, ...(answered === undefined ? [] : [answered])].map((order) => post(here, order));
    const spread = asked.map((answer) => answer.catch(() => 'the process died first'));
    await pause(random.next() * LONGEST_WORK_MS);
    kills.serving++;
    expect(await product.kill()).toBe('SIGKILL');
    await Promise.all(spread);
  }

  async function post(to: Door, order: Order): Promise<void> {
    const runId = await to.startRun('chaos', { number: order.number }, order.key);
    if (order.runId !== null && order.runId !== runId) contradictions.push(`${order.key}: first ${order.runId}, then ${runId}`);
    order.runId = runId;
  }
});
