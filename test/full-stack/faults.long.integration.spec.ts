import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { breaches } from '../chaos/effect-rules.js';
import { openWitness, type Witness } from '../chaos/witness.js';
import { buildProduct } from '../product/build.js';
import type { ServiceName } from '../product/paths.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually, pause } from '../product/waiting.js';
import { Stack } from './stack.js';
import { differencesInMongo } from './stored-in-production.js';

/** `FULL_STACK_IN_FLIGHT` in the environment chooses another number. */
const IN_FLIGHT = Number(process.env['FULL_STACK_IN_FLIGHT'] ?? 500);
const LANES = 20;
const AWAY_MS = 20_000;
const RECOVERY_LIMIT_MS = 30_000;
/** So long that all runs are open when the fault happens, and that some wake up during it. */
const SHORTEST_NAP_S = 12;
const LONGEST_NAP_S = 20;
const LIMIT_MS = 240_000;
const INFO = 30;

/** One start that a client wants; it is asked for, with the same key, until it is answered. */
interface Order {
  readonly key: string;
  readonly number: number;
  readonly nap?: string;
}

describe(`the full stack with ${IN_FLIGHT} runs in flight`, () => {
  const runIds: string[] = [];
  const rows: string[] = [];
  let rounds = 0;
  let stack: Stack;
  let witness: Witness;

  beforeAll(async () => {
    buildProduct();
    witness = await openWitness();
    stack = await Stack.open({ environment: { WITNESS_URL: witness.url } });
    for (const service of ['gateway', 'registry', 'metrics', 'self-improvement'] as const) stack.start(service);
    for (const name of ['one', 'two']) stack.start('coordinator', `coordinator-${name}`);
    for (const name of ['one', 'two']) stack.start('agent-workers', `worker-${name}`);
    await stack.allReady();
  }, LIMIT_MS);
  afterAll(async () => {
    process.stdout.write(rows.map((row) => `faults: ${row}\n`).join(''));
    await stack.close();
    await witness.close();
    await cleanUp();
  }, LIMIT_MS);

  it(
    'goes on after the broker was away for 20 s, and said so meanwhile',
    () =>
      survives(
        'Kafka away for 20 s',
        async () => {
          await stack.parts.kafka.stop();
          await pause(AWAY_MS);
          // The gateway does not speak to Kafka by itself while nobody asks it to: the coordinators do.
          const { status, json } = await stack.call('/health/ready');
          await stack.parts.kafka.start();
          expect({ status, says: JSON.stringify(json) }).toEqual({ status: 503, says: expect.stringMatching(/Kafka|the coordinator/) });
        },
        { by: 'coordinator', text: 'Kafka is away' },
      ),
    LIMIT_MS,
  );

  it(
    'goes on after the event store was restarted',
    () =>
      survives(
        'event store restarted',
        async () => {
          await stack.parts.eventstoredb.kill();
          await stack.parts.eventstoredb.start();
        },
        { by: 'coordinator', text: 'the event store is away' },
      ),
    LIMIT_MS,
  );

  it(
    'goes on after MongoDB was away for 10 s, and said so meanwhile',
    () =>
      survives(
        'MongoDB away for 10 s',
        async () => {
          await stack.parts.mongo.stop();
          await pause(AWAY_MS / 2);
          const { status, json } = await stack.call('/health/ready');
          await stack.parts.mongo.start();
          expect({ status, says: JSON.stringify(json) }).toEqual({ status: 503, says: expect.stringContaining('MongoDB') });
        },
        { by: 'coordinator', text: 'MongoDB is away' },
      ),
    LIMIT_MS,
  );

  it.each([
    // Nobody but its clients leans on the first and the last two.
    ['gateway', 'gateway', undefined],
    ['registry', 'registry', { by: 'gateway', text: 'the registry is away' }],
    ['coordinator', 'coordinator-one', { by: 'gateway', text: 'a coordinator is away' }],
    ['agent-workers', 'worker-one', { by: 'coordinator', text: 'gave tasks of a worker away' }],
    ['metrics', 'metrics', undefined],
    ['self-improvement', 'self-improvement', undefined],
  ] as const)(
    'goes on after its %s was killed and restarted',
    (service: ServiceName, name, saying) =>
      survives(
        `${name} killed`,
        async () => {
          await stack.of(name).kill('SIGKILL');
          stack.start(service, name);
        },
        saying,
      ),
    LIMIT_MS,
  );

  it(
    'goes on after a coordinator was gone for good',
    () =>
      survives(
        'coordinator-two gone',
        async () => {
          await stack.of('coordinator-two').kill('SIGKILL');
        },
        { by: 'gateway', text: 'a coordinator is away' },
      ),
    LIMIT_MS,
  );

  it(
    'did every effect once',
    async () => {
      const door = await stack.door();
      const effects = Map.groupBy(witness.effects, ({ runId }) => runId);
      const found: string[] = [];
      await inLanes(runIds, async (runId) => {
        found.push(...breaches(runId, effects.get(runId) ?? [], await door.events(runId)));
      });
      rows.push(`${runIds.length} runs, ${witness.effects.length} effects`);
      expect(found).toEqual([]);
    },
    LIMIT_MS,
  );

  it('has read models that equal a rebuild', async () => expect(await differencesInMongo(stack.parts)).toEqual([]), LIMIT_MS);

  /** Places orders until enough runs are open, lets the fault happen, and waits until every acknowledged run, and one that is asked for right after it, has ended as it should. */
  async function survives(
    name: string,
    happen: () => Promise<void>,
    saying?: { readonly by: string; readonly text: string },
  ): Promise<void> {
    const sinceMs = Date.now();
    const round = rounds++;
    const orders = Array.from({ length: IN_FLIGHT }, (_, index): Order => ({ key: `order-${round}-${index}`, number: index % 100 }));
    const placing = performance.now();
    const started = await placed(orders);
    runIds.push(...started);
    const open = await runsThat('running');
    const begun = performance.now();
    await happen();
    const over = performance.now();
    const probe = await placed([{ key: `probe-${round}`, number: 0, nap: '0s' }]);
    runIds.push(...probe);
    await eventually(`a run goes through after: ${name}`, RECOVERY_LIMIT_MS, async () =>
      (await statusOf(probe[0] ?? '').catch(() => null)) === 'succeeded' ? true : undefined,
    );
    const recovered = performance.now();
    await eventually(`every run has ended after: ${name}`, RECOVERY_LIMIT_MS + LONGEST_NAP_S * 1_000, async () =>
      (await runsThat('running').catch(() => null))?.size === 0 ? true : undefined,
    );
    const ended = await runsThat('succeeded');
    const [placedMs, faultMs, probeMs, allMs] = [begun - placing, over - begun, recovered - over, performance.now() - over].map(Math.round);
    rows.push(
      `${name}: ${open.size} runs open (placed in ${placedMs} ms), fault ${faultMs} ms, a run went through ${probeMs} ms after it, all ended after ${allMs} ms`,
    );
    expect(started.filter((runId) => !ended.has(runId))).toEqual([]);
    if (saying !== undefined) expect(said(sinceMs, saying.by, saying.text)).not.toEqual([]);
  }

  /** What processes logged since then, of these processes, that has the text in it. */
  function said(sinceMs: number, by: string, text: string): readonly string[] {
    return stack.logged(INFO).filter((line) => {
      const [, who = '', json = ''] = /^(.*?): (.*)$/s.exec(line) ?? [];
      const { time, msg } = JSON.parse(json) as { readonly time: number; readonly msg: string };
      return who.startsWith(by) && time >= sinceMs && msg.includes(text);
    });
  }

  async function statusOf(runId: string): Promise<string> {
    return (await (await stack.door()).run(runId)).status;
  }

  /** A gateway that is restarted is somewhere else. */
  async function runsThat(status: string): Promise<ReadonlySet<string>> {
    return new Set(await (await stack.door()).runIds(status));
  }

  async function placed(orders: readonly Order[]): Promise<readonly string[]> {
    const ids: string[] = [];
    await inLanes(orders, async ({ key, number, nap = napOf(number) }) => {
      const take = async (): Promise<string> => (await stack.door()).startRun('napping', { number, nap }, key);
      ids.push(await eventually(`order ${key} is taken`, LIMIT_MS, () => take().catch(() => undefined)));
    });
    return ids;
  }
});

function napOf(number: number): string {
  return `${SHORTEST_NAP_S + ((number * 7) % (LONGEST_NAP_S - SHORTEST_NAP_S))}s`;
}

async function inLanes<Item>(items: readonly Item[], each: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  const lane = async (): Promise<void> => {
    for (const item of queue) await each(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}
