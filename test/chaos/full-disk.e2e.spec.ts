import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { surveyDamage } from '@tutti/event-store/embedded';
import { buildProduct } from '../product/build.js';
import { cleanUp } from '../product/standalone-process.js';
import { eventually, pause } from '../product/waiting.js';
import { Door } from './door.js';
import { breaches } from './effect-rules.js';
import { Place } from './place.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';
import { openWitness, type Witness } from './witness.js';

/** So many that work is left when the disk is full. */
const RUNS = 250;
const FLOOR_BYTES = 24 * 1_024 * 1_024;
const FULL_MS = 2_500;
const LIMIT_MS = 240_000;

describe('a disk that is filled to the last byte while runs are in flight', () => {
  let disk: SmallDisk;
  let witness: Witness;
  let place: Place;
  let door: Door;
  const runIds: string[] = [];

  beforeAll(async () => {
    buildProduct();
    disk = mountSmallDisk();
    witness = await openWitness();
    place = new Place(witness.url, { folder: disk.folder, settings: { minFreeBytes: FLOOR_BYTES } });
    door = new Door(await place.start().ready(), place.token());
    runIds.push(...(await Promise.all(Array.from({ length: RUNS }, (_, number) => door.startRun('chaos', { number }, `order-${number}`)))));
  }, LIMIT_MS);

  afterAll(async () => {
    await place.newest().kill();
    await witness.close();
    disk.unmount();
    await cleanUp();
  }, LIMIT_MS);

  it(
    'refuses what it cannot keep with DISK_FULL, goes on answering questions, and stays up',
    async () => {
      await disk.fill();
      expect(disk.free()).toBe(0);
      const refusal = await eventually('a start is refused', 30_000, async () =>
        door.startRun('chaos', { number: 1 }, 'refused').then(
          () => undefined,
          (error: Error) => error.message,
        ),
      );
      expect(refusal).toMatch(/answered 503: .*"DISK_FULL"/);
      await pause(FULL_MS);
      // The store looks at the disk once a second: the start that is then refused may have been taken the first time.
      expect([RUNS, RUNS + 1]).toContain((await door.runIds()).length);
      expect((await door.runIds('running')).length).toBeGreaterThan(0);
      expect(place.newest().isAlive).toBe(true);
    },
    LIMIT_MS,
  );

  it(
    'goes on by itself once there is room, and every run comes to its right end',
    async () => {
      disk.makeRoom();
      const late = await eventually('a start is taken again', 30_000, async () =>
        door.startRun('chaos', { number: 1 }, 'refused').catch(() => undefined),
      );
      for (const [number, runId] of runIds.entries()) {
        expect({ runId, status: await door.outcome(runId, 90_000) }).toEqual({ runId, status: 'succeeded' });
        expect((await door.run(runId)).outputs).toEqual({ sum: 78 + 12 * number });
      }
      expect(await door.outcome(late, 60_000)).toBe('succeeded');
      expect(place.newest().isAlive).toBe(true);
    },
    LIMIT_MS,
  );

  it('lost nothing and did nothing twice', async () => {
    const effects = Map.groupBy(witness.effects, ({ runId }) => runId);
    const found: string[] = [];
    for (const runId of runIds) found.push(...breaches(runId, effects.get(runId) ?? [], await door.events(runId)));
    expect(found).toEqual([]);
  }, 60_000);

  it(
    'stops in order, and leaves nothing half-written',
    async () => {
      expect(await place.newest().kill('SIGTERM')).toBe(0);
      expect(surveyDamage(join(place.dataDir, 'events.db'))).toMatchObject({ file: [], lostCount: 0 });
    },
    LIMIT_MS,
  );
});
