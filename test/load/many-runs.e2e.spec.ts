import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { LoadedProcess, type Run } from './loaded-process.js';

const RUNS = 500;
const WAVES = 3;
const LIST = Array.from({ length: 10 }, (_, index) => index);
const ITEMS = 10_000;
/** Of waiting for what should come much sooner; nothing here measures time. */
const WAVE_LIMIT_MS = 90_000;
const TEST_LIMIT_MS = 360_000;
const START_AND_STOP_LIMIT_MS = 60_000;

/** A run of this wave that is not let go of holds about 32 KiB: 16 MiB more after each wave. */
const HELD_GROWTH_MIB = 10;
/** What three threads' young generations, page caches and buffers come to after some 100,000 steps, and more: measured 650. */
const MOST_ANONYMOUS_MIB = 900;

describe('one process under load', () => {
  let tutti: LoadedProcess;

  beforeAll(buildProduct, START_AND_STOP_LIMIT_MS);

  beforeEach(async () => {
    tutti = await LoadedProcess.start();
  }, START_AND_STOP_LIMIT_MS);

  afterEach(async () => {
    await tutti.standalone.stop();
    await cleanUp();
  }, START_AND_STOP_LIMIT_MS);

  it(
    'carries 500 runs of twenty steps at once, wave after wave, loses none and keeps nothing of them in memory',
    async () => {
      const held: number[] = [];
      const anonymous: number[] = [];
      for (let wave = 0; wave < WAVES; wave++) {
        const runs = await carryWave(wave);
        expect(runs.filter((run) => run.status !== 'succeeded')).toEqual([]);
        expect(runs.map((run) => run.outputs)).toEqual(runs.map((_, index) => expectedOutputs(wave * RUNS + index)));
        held.push(await tutti.standalone.heldMiB());
        anonymous.push(await settledAnonymousMiB());
      }
      expect(tutti.standalone.program.isAlive).toBe(true);
      expectNoGrowth(held, HELD_GROWTH_MIB);
      expect(Math.max(...anonymous)).toBeLessThan(MOST_ANONYMOUS_MIB);
    },
    TEST_LIMIT_MS,
  );

  it(
    'joins what 10,000 tasks of one step answered, whole and in order',
    async () => {
      const items = Array.from({ length: ITEMS }, (_, index) => ({ name: `item ${index}`, digits: String(index).repeat(4) }));
      const run = await tutti.ended(await tutti.startRun('long-list', { items }), WAVE_LIMIT_MS);
      expect(run.status).toBe('succeeded');
      expect(run.outputs).toEqual({ list: items.map((item, index) => ({ item, index })) });
    },
    TEST_LIMIT_MS,
  );

  async function carryWave(wave: number): Promise<readonly Run[]> {
    const inputs = Array.from({ length: RUNS }, (_, index) => ({ n: wave * RUNS + index, list: LIST }));
    const ids = await Promise.all(inputs.map((input) => tutti.startRun('twenty-steps', input)));
    const ended: Run[] = [];
    for (const id of ids) ended.push(await tutti.ended(id, WAVE_LIMIT_MS));
    return ended;
  }

  /** The least of two seconds, in which timers move the logs into their files and V8 gives back what it collected. */
  async function settledAnonymousMiB(): Promise<number> {
    let least = Infinity;
    for (let look = 0; look < 20; look++) {
      least = Math.min(least, tutti.standalone.anonymousMiB());
      await pause(100);
    }
    return least;
  }
});

/** The first wave warms up: code is compiled, caches are filled. */
function expectNoGrowth(mib: readonly number[], most: number): void {
  const [first = 0] = mib;
  const last = mib.at(-1) ?? Infinity;
  if (last > first + most)
    throw new Error(
      `memory grew from wave to wave, in MiB: ${mib.map(Math.round).join(', ')}; expected at most ${most} more at the last than at the first`,
    );
}

function expectedOutputs(n: number): unknown {
  return { list: LIST.map((item) => ({ n, item })) };
}
