import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runsProjection } from '@tutti/coordinator';
import { seededRandom } from '@tutti/kernel/testing';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { pause } from '../product/waiting.js';
import { Door } from './door.js';
import { breaches } from './effect-rules.js';
import { Place } from './place.js';
import { differencesFromRebuild, lookInto } from './stored-folder.js';
import { openWitness, type Witness } from './witness.js';

/** `CHAOS_ROUNDS` and `CHAOS_SEED` in the environment choose others; a seed replays its moments and its orders. */
const ROUNDS = Number(process.env['CHAOS_ROUNDS'] ?? 50);
/** Before each kill orders are placed until so many runs are open. */
const IN_FLIGHT = 200;
const LONGEST_WORK_MS = 500;
/** Part of the rounds that are killed before they serve, within so many milliseconds of their start. */
const STARTUP_KILLS = 0.2;
const LONGEST_STARTUP_MS = 1_300;
/** Part of the rounds that are killed while orders are still being placed. */
const ORDERING_KILLS = 0.25;
const LONGEST_ORDERING_MS = 150;
/** A busy machine may take several times what an idle one does; the worst is printed. */
const SERVING_AGAIN_LIMIT_MS = 20_000;
const LIMIT_MS = 600_000;

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
  /** Runs known to be open at each kill of a process that served. */
  const inFlight: number[] = [];
  const servingAgainMs: number[] = [];
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
    door = await live();
    await Promise.all(orders.map((order) => post(door, order)));
  }, LIMIT_MS);

  afterAll(async () => {
    await cleanUp();
    await witness.close();
  });

  it('died while it worked, with effects done and starts unanswered, or this test would show nothing', () => {
    expect(kills.starting + kills.serving).toBe(ROUNDS);
    expect(kills.serving).toBeGreaterThan(ROUNDS / 2);
    expect(kills.effects).toBeGreaterThan(ROUNDS);
    expect(orders.length).toBeGreaterThan(IN_FLIGHT);
    expect(inFlight.filter((open) => open >= IN_FLIGHT).length).toBeGreaterThan(kills.serving / 2);
  });

  it('served again in good time after every kill', () => {
    const sorted = [...servingAgainMs].sort((a, b) => a - b);
    const [median = 0, worst = Infinity] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
    process.stdout.write(`kill-nine: serving again after ${Math.round(median)} ms in the median, ${Math.round(worst)} ms at worst\n`);
    expect(worst).toBeLessThan(SERVING_AGAIN_LIMIT_MS);
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
      const effects = Map.groupBy(witness.effects, ({ runId }) => runId);
      let lost = 0;
      for (const runId of await door.runIds()) {
        const events = await door.events(runId);
        lost += events.filter(({ data }) => data['cause'] === 'lost').length;
        found.push(...breaches(runId, effects.get(runId) ?? [], events));
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
      await lookInto(place.dataDir, async (folder) => {
        const report = await folder.store.verify();
        expect(report).toMatchObject({ damage: null });
        expect(report.streams).toBeGreaterThan(orders.length);
        expect(await differencesFromRebuild(folder)).toEqual([]);
        const runs = await folder.readModels.open(runsProjection);
        let succeeded = 0;
        for (let after = ''; ;) {
          const page = await runs.find({ filter: { status: 'succeeded' }, limit: 1_000, ...(after === '' ? {} : { after }) });
          succeeded += page.length;
          after = page.at(-1)?.cursor ?? '';
          if (after === '') break;
        }
        expect(succeeded).toBe(orders.length);
      });
    },
    LIMIT_MS,
  );

  async function liveAndDie(round: number): Promise<void> {
    if (random.next() < STARTUP_KILLS) {
      const product = place.start();
      await pause(random.next() * LONGEST_STARTUP_MS);
      kills.starting++;
      expect(await product.kill()).toBe('SIGKILL');
      return;
    }
    const here = await live();
    const open = await here.runIds('running');
    const fresh = Array.from({ length: Math.max(1, IN_FLIGHT - open.length) }, (_, index): Order => {
      return { key: `order-${round}-${index}`, number: (round + index) % 100, runId: null };
    });
    const unanswered = orders.filter(({ runId }) => runId === null);
    orders.push(...fresh);
    // One that was answered before is asked for again, too: the answer must hold over the crash.
    const answered = orders.filter(({ runId }) => runId !== null).at(-1);
    const asked = [...unanswered, ...fresh, ...(answered === undefined ? [] : [answered])].map((order) => post(here, order));
    const placed = Promise.all(asked.map((answer) => answer.catch(() => 'the process died first')));
    if (random.next() < ORDERING_KILLS) await pause(random.next() * LONGEST_ORDERING_MS);
    else {
      await placed;
      await pause(random.next() * LONGEST_WORK_MS);
    }
    inFlight.push(open.length + fresh.filter(({ runId }) => runId !== null).length);
    kills.serving++;
    expect(await place.newest().kill()).toBe('SIGKILL');
    await placed;
  }

  /** Starts it, and takes the time until its first answer. */
  async function live(): Promise<Door> {
    const begun = performance.now();
    const product = place.start();
    const started = new Door(await product.ready(), place.token());
    await started.runIds('running');
    servingAgainMs.push(performance.now() - begun);
    return started;
  }

  async function post(to: Door, order: Order): Promise<void> {
    const runId = await to.startRun('chaos', { number: order.number }, order.key);
    if (order.runId !== null && order.runId !== runId) contradictions.push(`${order.key}: first ${order.runId}, then ${runId}`);
    order.runId = runId;
  }
});
