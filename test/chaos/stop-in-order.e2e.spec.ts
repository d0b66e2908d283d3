import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildProduct } from '../product/build.js';
import { root, tuttiMain } from '../product/paths.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually, isAlive } from '../product/waiting.js';
import { Door } from './door.js';
import { breaches } from './effect-rules.js';
import { Place, type Product } from './place.js';
import { openWitness, type Witness } from './witness.js';

const LIMIT_MS = 120_000;
const HELD_TASKS = 6;
const launcher = join(root, 'scripts', 'run.mjs');

let witness: Witness;
let place: Place;
/** Processes that something else started, which must be gone in the end whatever the test found. */
const others: number[] = [];

beforeAll(buildProduct, LIMIT_MS);
beforeEach(async () => {
  witness = await openWitness();
  place = new Place(witness.url);
});
afterEach(async () => {
  for (const pid of others.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await cleanUp();
  await witness.close();
}, LIMIT_MS);

describe('a process that is asked to stop with tasks in hand', () => {
  it(
    'gives up what takes too long, leaves nothing behind, and the next life carries the run on',
    async () => {
      const { product, runId } = await heldRun(600_000);
      expect(await product.kill('SIGTERM')).toBe(0);
      expect(place.servedBy()).toBeUndefined();
      const door = await open();
      expect(await door.outcome(runId, 30_000)).toBe('succeeded');
      expect((await door.run(runId)).outputs).toEqual({ held: HELD_TASKS });
      expect(breaches(runId, witness.effects, await door.events(runId))).toEqual([]);
      expect(attemptsOfHeld()).toEqual([...Array<number>(HELD_TASKS).fill(1), ...Array<number>(HELD_TASKS).fill(2)]);
    },
    LIMIT_MS,
  );

  it(
    'lets tasks end that can, and the next life does not repeat them',
    async () => {
      const { product, runId } = await heldRun(700);
      expect(await product.kill('SIGTERM')).toBe(0);
      const door = await open();
      expect(await door.outcome(runId, 30_000)).toBe('succeeded');
      expect(breaches(runId, witness.effects, await door.events(runId))).toEqual([]);
      expect(attemptsOfHeld()).toEqual(Array<number>(HELD_TASKS).fill(1));
    },
    LIMIT_MS,
  );

  it(
    'ends at once when it is asked a second time, and the run goes on all the same',
    async () => {
      const { product, runId } = await heldRun(600_000);
      product.child.kill('SIGTERM');
      await eventually('the process has begun to stop', 10_000, async () => (place.servedBy() === undefined ? true : undefined));
      expect(await product.kill('SIGTERM')).toBe(1);
      const door = await open();
      expect(await door.outcome(runId, 30_000)).toBe('succeeded');
      expect(breaches(runId, witness.effects, await door.events(runId))).toEqual([]);
    },
    LIMIT_MS,
  );

  async function heldRun(holdMs: number) {
    const product = place.start();
    const door = new Door(await product.ready(), place.token());
    const runId = await door.startRun('holding', { holdMs }, 'held');
    await eventually('every task is in hand', 30_000, async () => (witness.effects.length === HELD_TASKS ? true : undefined));
    return { product, runId };
  }

  async function open(): Promise<Door> {
    return new Door(await place.start().ready(), place.token());
  }

  function attemptsOfHeld(): readonly number[] {
    return witness.effects
      .filter(({ task }) => task.startsWith('hold'))
      .map(({ attempt }) => attempt)
      .sort();
  }
});

describe('a second process on the same data folder', () => {
  it(
    'is refused with the folder and the process that has it, and the first goes on',
    async () => {
      const first = place.start();
      const url = await first.ready();
      const second = place.start();
      expect(await second.outcome()).toBe(1);
      expect(second.output).toContain(`data folder ${place.dataDir} is in use by process ${first.child.pid}`);
      expect(place.servedBy()).toMatchObject({ url, pid: first.child.pid });
      expect(await new Door(url, place.token()).runIds()).toEqual([]);
    },
    LIMIT_MS,
  );
});

describe('whoever started the process', () => {
  const starters: readonly (readonly [name: string, program: string, args: readonly string[]])[] = [
    ['tutti up', tuttiMain, ['up', '--no-demo', '--port', '0']],
    ['tutti run', tuttiMain, ['run', 'holding', '--input', 'holdMs=600000']],
    ['the launcher', launcher, ['serve', join('services', 'standalone', 'dist', 'main.js'), '--port', '0']],
  ];

  it.each(starters)(
    '%s, killed while the process serves, leaves none',
    async (_name, program, args) => {
      const starter = place.startProgram([program, ...args, '--data-dir', place.dataDir]);
      const { pid } = await untilStarted(starter, 'the process serves', () => place.servedBy());
      others.push(pid);
      expect(pid).not.toBe(starter.child.pid);
      expect(await starter.kill()).toBe('SIGKILL');
      await untilGone(pid);
      expect(place.servedBy()).toBeUndefined();
      // In order: the folder is free and whole for the next one.
      expect(await place.start().ready()).toMatch(/^http/);
    },
    LIMIT_MS,
  );

  it.each(starters)(
    '%s, killed while the process still loads its modules, leaves none',
    async (_name, program, args) => {
      const starter = place.startProgram([program, ...args, '--data-dir', place.dataDir]);
      const pid = await untilStarted(starter, 'there is a process', () => childOf(starter.child.pid ?? 0));
      others.push(pid);
      expect(await starter.kill()).toBe('SIGKILL');
      await untilGone(pid);
    },
    LIMIT_MS,
  );

  it(
    'starts and stops it in order as tutti that an older Node ran again',
    async () => {
      const starter = place.startProgram([tuttiMain, 'up', '--no-demo', '--port', '0', '--data-dir', place.dataDir], { TUTTI_RERUN: '1' });
      const { pid } = await untilStarted(starter, 'the process serves', () => place.servedBy());
      others.push(pid);
      expect(await starter.kill('SIGTERM')).toBe(0);
      expect(isAlive(pid)).toBe(false);
    },
    LIMIT_MS,
  );

  function untilStarted<T>(starter: Product, what: string, ask: () => T | undefined): Promise<T> {
    return eventually(what, 60_000, async () => {
      if (!starter.isAlive) throw new Error(`the starter ended too soon:\n${starter.output}`);
      return ask();
    });
  }

  function untilGone(pid: number): Promise<true> {
    return eventually(`process ${pid} is gone`, 30_000, async () => (isAlive(pid) ? undefined : true));
  }

  function childOf(pid: number): number | undefined {
    const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
    const lines = stdout.split('\n').map((line) => line.trim().split(/\s+/));
    const found = lines.find(([, parent, ...args]) => parent === String(pid) && args.some((arg) => arg.endsWith('dist/main.js')));
    return found === undefined ? undefined : Number(found[0]);
  }
});
