import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '@tutti/kernel/testing';
import { buildProduct } from '../product/build.js';
import { serviceMain } from '../product/paths.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually, pause } from '../product/waiting.js';
import { Door } from './door.js';
import { breaches } from './effect-rules.js';
import { Place, type Product } from './place.js';
import { differencesFromRebuild, lookInto } from './stored-folder.js';
import { openWitness, type Witness } from './witness.js';

/** `CHAOS_KILLS` and `CHAOS_SEED` in the environment choose others; a seed replays its moments and its orders. */
const KILLS = Number(process.env['CHAOS_KILLS'] ?? 6);
/** Before each kill orders are placed until so many runs are open. */
const IN_FLIGHT = 200;
const LONGEST_WORK_MS = 1_000;
/** Part of the kills that come while the orders are still being placed. */
const ORDERING_KILLS = 0.3;
const LONGEST_ORDERING_MS = 300;
/** On a machine that has nothing else to do it takes a tenth of it. */
const TAKE_OVER_LIMIT_MS = 5_000;
const START_LIMIT_MS = 60_000;
const LIMIT_MS = 240_000;

const SERVICES = ['gateway', 'coordinator', 'registry', 'agent-workers'] as const;
type Service = (typeof SERVICES)[number];

/** One start that a client wants; it is asked for, with the same key, until it is answered. */
interface Order {
  readonly key: string;
  readonly number: number;
  runId: string | null;
}

describe(`four processes of one data folder, whose store host is killed ${KILLS} times`, () => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 4_294_967_296);
  const random = seededRandom(seed);
  const orders: Order[] = [];
  const contradictions: string[] = [];
  const killed: Service[] = [];
  const inFlight: number[] = [];
  const takeOversMs: number[] = [];
  const living = new Map<Service, Product>();
  let witness: Witness;
  let place: Place;

  function start(service: Service): Product {
    const port = service === 'gateway' ? ['--port', '0'] : [];
    const product = place.startProgram([serviceMain(service), '--data-dir', place.dataDir, ...port]);
    living.set(service, product);
    return product;
  }

  async function door(): Promise<Door> {
    const gateway = living.get('gateway');
    if (gateway === undefined) throw new Error('there is no gateway');
    const [, url = ''] = await gateway.printed(/^ready (\S+)$/m, START_LIMIT_MS);
    return new Door(url, place.token());
  }

  const ready = (product: Product) => product.printed(/^ready /m, START_LIMIT_MS);

  /** The service whose process holds the folder; undefined while none that lives does. */
  function host(): Service | undefined {
    const pid = holder();
    return [...living].find(([, product]) => product.pid === pid && product.isAlive)?.[0];
  }

  /** Undefined at the moment it is written anew. */
  function holder(): number | undefined {
    try {
      return (JSON.parse(readFileSync(join(place.dataDir, 'lock.json'), 'utf8')) as { readonly pid: number }).pid;
    } catch {
      return undefined;
    }
  }

  beforeAll(async () => {
    process.stdout.write(`store-host: CHAOS_SEED=${seed}\n`);
    buildProduct();
    witness = await openWitness();
    place = new Place(witness.url);
    await Promise.all(SERVICES.map((service) => ready(start(service))));
    for (let kill = 0; kill < KILLS; kill++) await workAndKill(kill);
    const last = await door();
    await eventually('every start is answered', START_LIMIT_MS, async () => {
      const unanswered = orders.filter(({ runId }) => runId === null);
      await Promise.all(unanswered.map((order) => post(last, order).catch(() => 'asked again')));
      return orders.every(({ runId }) => runId !== null) ? true : undefined;
    });
  }, LIMIT_MS);

  afterAll(async () => {
    await cleanUp();
    await witness.close();
  });

  it('killed hosts while they had work, or this test would show nothing', () => {
    process.stdout.write(`store-host: killed ${killed.join(', ')} with ${inFlight.join(', ')} runs in flight\n`);
    expect(killed).toHaveLength(KILLS);
    expect(killed).not.toContain('agent-workers');
    expect(new Set(killed).size).toBeGreaterThan(1);
    expect(inFlight.filter((open) => open >= IN_FLIGHT).length).toBeGreaterThan(KILLS / 3);
  });

  it('had another process host the folder soon after every kill', () => {
    process.stdout.write(`store-host: another hosted after ${takeOversMs.map(Math.round).join(', ')} ms\n`);
    expect(Math.max(...takeOversMs)).toBeLessThan(TAKE_OVER_LIMIT_MS);
  });

  it('answers a start repeated under its key with the run that it began, and began no other', async () => {
    expect(contradictions).toEqual([]);
    const started = orders.map(({ runId }) => runId);
    expect(started).not.toContain(null);
    expect([...(await (await door()).runIds())].sort()).toEqual([...started].sort());
  });

  it(
    'carries every acknowledged run to its right end',
    async () => {
      const begun = performance.now();
      const here = await door();
      for (const { runId, number } of orders) {
        if (runId === null) throw new Error('a start was never answered');
        expect({ runId, status: await here.outcome(runId, 60_000) }).toEqual({ runId, status: 'succeeded' });
        expect((await here.run(runId)).outputs).toEqual({ sum: 78 + 12 * number });
      }
      process.stdout.write(`store-host: what was open at the last kill had ended after ${Math.round(performance.now() - begun)} ms\n`);
    },
    LIMIT_MS,
  );

  it(
    'does no effect twice in one attempt, and none once the task had succeeded',
    async () => {
      const here = await door();
      const found: string[] = [];
      const effects = Map.groupBy(witness.effects, ({ runId }) => runId);
      for (const runId of await here.runIds()) found.push(...breaches(runId, effects.get(runId) ?? [], await here.events(runId)));
      process.stdout.write(`store-host: ${orders.length} runs, ${witness.effects.length} effects\n`);
      expect(found).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'ends in order, with read models that equal a rebuild from zero, whole hash chains, and not one error in the log',
    async () => {
      const ends = await Promise.all([...living.values()].map((product) => product.kill('SIGTERM')));
      expect(ends).toEqual([0, 0, 0, 0]);
      expect(place.logged('error')).toEqual([]);
      await lookInto(place.dataDir, async (folder) => {
        expect(await folder.store.verify()).toMatchObject({ damage: null });
        expect(await differencesFromRebuild(folder)).toEqual([]);
      });
    },
    LIMIT_MS,
  );

  async function workAndKill(round: number): Promise<void> {
    const here = await door();
    const open = await here.runIds('running');
    const fresh = Array.from({ length: Math.max(1, IN_FLIGHT - open.length) }, (_, index): Order => {
      return { key: `order-${round}-${index}`, number: (round + index) % 100, runId: null };
    });
    const unanswered = orders.filter(({ runId }) => runId === null);
    const answered = orders.filter(({ runId }) => runId !== null).at(-1);
    orders.push(...fresh);
    // One that was answered before is asked for again, too: the answer must hold over the change.
    const asked = [...unanswered, ...fresh, ...(answered === undefined ? [] : [answered])];
    const placed = Promise.all(asked.map((order) => post(here, order).catch(() => 'asked again later')));
    if (random.next() < ORDERING_KILLS) await pause(random.next() * LONGEST_ORDERING_MS);
    else {
      await placed;
      await pause(random.next() * LONGEST_WORK_MS);
    }
    inFlight.push(open.length + fresh.filter(({ runId }) => runId !== null).length);
    const victim = await eventually('somebody hosts the folder', START_LIMIT_MS, async () => host());
    const begun = performance.now();
    expect(await living.get(victim)?.kill()).toBe('SIGKILL');
    killed.push(victim);
    await eventually('another hosts the folder', START_LIMIT_MS, async () => host());
    takeOversMs.push(performance.now() - begun);
    // As a supervisor would.
    const again = start(victim);
    await placed;
    await ready(again);
  }

  async function post(to: Door, order: Order): Promise<void> {
    const runId = await to.startRun('chaos', { number: order.number }, order.key);
    if (order.runId !== null && order.runId !== runId) contradictions.push(`${order.key}: first ${order.runId}, then ${runId}`);
    order.runId = runId;
  }
});
