import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { RunEvent } from '@tutti/contracts';
import type { JsonObject } from '@tutti/kernel';
import { buildProduct } from '../product/build.js';
import { agentWorkersMain, root } from '../product/paths.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually, pause } from '../product/waiting.js';
import { Door } from './door.js';
import { breaches } from './effect-rules.js';
import { Place, type Product } from './place.js';
import { openWitness, type Witness } from './witness.js';

/** TUTTI_CHAOS_FULL=1 takes as long as the promises say: half a minute stopped, half a minute down. */
const isFull = process.env['TUTTI_CHAOS_FULL'] === '1';
const AWAY_MS = isFull ? 30_000 : 4_000;
const LIVENESS = isFull ? {} : { beatMs: 200, leaseMs: 1_500 };
const LIMIT_MS = 180_000;
const NEVER_MS = 600_000;

const fixtures = join(root, 'test', 'chaos', 'fixtures', 'worker-processes');
let witness: Witness;
let place: Place;

beforeAll(buildProduct, LIMIT_MS);
beforeEach(async () => {
  witness = await openWitness();
});
afterEach(async () => {
  await cleanUp();
  await witness.close();
}, LIMIT_MS);

describe('workers in processes of their own', () => {
  it(
    'one killed in the middle of its tasks: they run elsewhere in under ten seconds',
    async () => {
      const { door, workers } = await open();
      const runId = await door.startRun('long', { count: 20, shortMs: 1_000, longMs: NEVER_MS }, 'killed');
      await effects(20);
      const [victim, other] = await withTasks(door, runId, workers);
      const held = await heldBy(door, runId, victim);
      expect(held.length).toBeGreaterThan(0);
      await victim.process.kill('SIGKILL');
      const killedAt = performance.now();
      await eventually('every task of the dead worker has begun again', 30_000, async () =>
        held.every((task) => begun(task).includes(2)) ? true : undefined,
      );
      expect(performance.now() - killedAt).toBeLessThan(10_000);
      const lost = (await failures(door, runId)).filter(({ data }) => data.worker === victim.id);
      expect(new Set(lost.map(({ data }) => data.cause))).toEqual(new Set(['lost']));
      // Those of the worker that lives are not touched.
      for (const task of await heldBy(door, runId, other)) expect(begun(task)[0]).toBe(1);
      expect((await failures(door, runId)).filter(({ data }) => data.worker === other.id)).toEqual([]);
      expect(breaches(runId, witness.effects, await door.events(runId)).filter((breach) => !breach.includes('no TaskSucceeded'))).toEqual(
        [],
      );
    },
    LIMIT_MS,
  );

  it(
    `one stopped for ${AWAY_MS / 1_000} s and continued: its late results change nothing`,
    async () => {
      const { door, workers } = await open(LIVENESS);
      const runId = await door.startRun('stubborn', { count: 20, shortMs: 2_500, longMs: 2_500 }, 'stopped');
      await effects(20);
      const [victim] = await withTasks(door, runId, workers);
      const held = await heldBy(door, runId, victim);
      victim.process.signal('SIGSTOP');
      await pause(AWAY_MS);
      await eventually('its tasks are done elsewhere', 30_000, async () =>
        (await door.run(runId)).status === 'succeeded' ? true : undefined,
      );
      const before = await door.run(runId);
      victim.process.signal('SIGCONT');
      await eventually('its results came', 30_000, async () =>
        (await ofType(door, runId, 'TaskResultSuperseded')).length === held.length ? true : undefined,
      );
      expect(await door.run(runId)).toMatchObject({ status: 'succeeded', outputs: before.outputs ?? {} });
      expect((await ofType(door, runId, 'TaskResultSuperseded')).map(({ data }) => data.task).sort()).toEqual([...held].sort());
      expect(await ofType(door, runId, 'TaskSucceeded')).toHaveLength(21);
      expect(attempts()).toEqual({ 1: 21, 2: held.length });
      // It counts again: what comes next is shared with it.
      const next = await door.startRun('stubborn', { count: 20, shortMs: 0, longMs: 0 }, 'after');
      expect(await outcome(door, next)).toBe('succeeded');
      expect(new Set((await assignments(door, next)).map(({ worker }) => worker))).toContain(victim.id);
    },
    LIMIT_MS,
  );

  it(
    `the owner's process killed and down for ${AWAY_MS / 1_000} s while 200 long tasks run: none runs again, no result is lost`,
    async () => {
      const { owner, door, workers } = await open(LIVENESS);
      // Half of them end while it is down, half when it is back.
      const runId = await door.startRun('long', { count: 200, shortMs: AWAY_MS / 2, longMs: AWAY_MS * 2 + 3_000 }, 'down');
      await effects(200);
      expect(new Set((await assignments(door, runId)).map(({ worker }) => worker)).size).toBe(workers.length);
      await owner.kill('SIGKILL');
      await pause(AWAY_MS);
      const back = new Door(await place.start().ready(), place.token());
      expect(await back.outcome(runId, AWAY_MS * 2 + 60_000)).toBe('succeeded');
      expect((await back.run(runId)).outputs).toEqual({ held: 200, attempts: 200 });
      expect(attempts()).toEqual({ 1: 201 });
      expect(await failures(back, runId)).toEqual([]);
      expect(breaches(runId, witness.effects, await back.events(runId))).toEqual([]);
    },
    LIMIT_MS,
  );

  it(
    'one asked to stop in the middle of its tasks: it finishes what it can, and the rest goes elsewhere at once',
    async () => {
      const { door, workers } = await open();
      const runId = await door.startRun('long', { count: 20, shortMs: 1_000, longMs: NEVER_MS }, 'asked');
      await effects(20);
      const [victim] = await withTasks(door, runId, workers);
      const held = await heldBy(door, runId, victim);
      expect(await victim.process.kill('SIGTERM')).toBe(0);
      const given = (await failures(door, runId)).filter(({ data }) => data.worker === victim.id);
      expect(given.map(({ data }) => data.cause)).toEqual(given.map(() => 'lost'));
      const givenTasks = given.map(({ data }) => data.task).sort();
      // The others took a second, for which there was time.
      expect(givenTasks.length).toBeGreaterThan(0);
      expect(givenTasks.length).toBeLessThan(held.length);
      expect(givenTasks).toEqual(held.filter(isLong).sort());
      await eventually('the rest has begun elsewhere', 10_000, async () =>
        givenTasks.every((task) => begun(task).includes(2)) ? true : undefined,
      );
      expect(held.filter((task) => !givenTasks.includes(task)).map((task) => begun(task))).toEqual(
        held.filter((task) => !givenTasks.includes(task)).map(() => [1]),
      );
    },
    LIMIT_MS,
  );

  it(
    'started before their owner: they wait for it, and end when they are told to while they wait',
    async () => {
      place = new Place(witness.url, { settings: settings() });
      const [early, alone] = [startWorker(), startWorker()];
      await pause(1_500);
      expect([early.isAlive, alone.isAlive, early.output]).toEqual([true, true, '']);
      expect(await alone.kill('SIGTERM')).not.toBe('SIGKILL');
      const door = new Door(await place.start().ready(), place.token());
      await early.printed(/^ready worker-/m);
      const runId = await door.startRun('long', { count: 3, shortMs: 0, longMs: 0 }, 'early');
      const ended = await outcome(door, runId);
      expect([await failures(door, runId), ended]).toEqual([[], 'succeeded']);
    },
    LIMIT_MS,
  );
});

interface Worker {
  readonly id: string;
  readonly process: Product;
}

function settings(coordinator: JsonObject = {}): JsonObject {
  return {
    workflowFolders: [join(fixtures, 'workflows')],
    workers: { agentPackages: [], agentFolders: [join(fixtures, 'agents')], drainMs: 3_000, abortGraceMs: 1_000, killGraceMs: 500 },
    workerProcesses: { accept: true },
    embeddedWorker: false,
    coordinator,
  };
}

/** The owner's process, and two workers that take tasks. */
async function open(coordinator: JsonObject = {}) {
  place = new Place(witness.url, { settings: settings(coordinator) });
  const owner = place.start();
  const door = new Door(await owner.ready(), place.token());
  const workers: Worker[] = [];
  for (const process of [startWorker(), startWorker()]) {
    const [, id = ''] = await process.printed(/^ready (worker-\S+)$/m);
    workers.push({ id, process });
  }
  return { owner, door, workers };
}

function startWorker(): Product {
  return place.startProgram([agentWorkersMain, '--data-dir', place.dataDir]);
}

async function effects(count: number): Promise<void> {
  await eventually(`${count} tasks have begun`, 30_000, async () => (witness.effects.length >= count ? true : undefined));
}

/** How the run ended. Right after the start the view may not have it yet. */
async function outcome(door: Door, runId: string): Promise<string> {
  return eventually(`the view shows the end of run ${runId}`, 60_000, async () => {
    const { status } = await door.run(runId).catch(() => ({ status: 'running' }));
    return status === 'running' ? undefined : status;
  });
}

/** Attempts of the task that had an effect, in their order. */
function begun(task: string): readonly number[] {
  return witness.effects.filter((effect) => effect.task === task).map(({ attempt }) => attempt);
}

/** How many effects each number of an attempt had. */
function attempts(): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { attempt } of witness.effects) counts[attempt] = (counts[attempt] ?? 0) + 1;
  return counts;
}

async function withTasks(door: Door, runId: string, workers: readonly Worker[]): Promise<readonly [Worker, Worker]> {
  const busy = new Set((await assignments(door, runId)).map(({ worker }) => worker));
  const [first, second] = workers.filter(({ id }) => busy.has(id));
  if (first === undefined || second === undefined) throw new Error(`of the two workers only ${[...busy].join(', ')} has tasks`);
  return [first, second];
}

/** Tasks whose first attempt the worker was given. */
async function heldBy(door: Door, runId: string, { id }: Worker): Promise<readonly string[]> {
  return (await assignments(door, runId))
    .filter(({ worker, attempt, task }) => worker === id && attempt === 1 && task.startsWith('hold'))
    .map(({ task }) => task);
}

async function assignments(door: Door, runId: string) {
  const found = [...(await ofType(door, runId, 'TaskScheduled')), ...(await ofType(door, runId, 'TaskAssigned'))];
  return found.flatMap(({ data: { task, attempt, assignment } }) =>
    assignment === null ? [] : [{ task, attempt, worker: assignment.worker }],
  );
}

function failures(door: Door, runId: string) {
  return ofType(door, runId, 'TaskAttemptFailed');
}

async function ofType<Type extends RunEvent['type']>(door: Door, runId: string, type: Type) {
  const events = (await door.events(runId)) as unknown as readonly RunEvent[];
  return events.filter((event): event is Extract<RunEvent, { readonly type: Type }> => event.type === type);
}

/** As the workflow has it: with workers that take turns, each gets tasks of both kinds. */
function isLong(task: string): boolean {
  const item = Number(/\[(\d+)\]/.exec(task)?.[1]) + 1;
  return item % 4 >= 2;
}
