import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { surveyDamage } from '@tutti/event-store/embedded';
import { buildProduct } from '../product/build.js';
import { tuttiMain } from '../product/paths.js';
import { Program, type Ended } from '../product/program.js';
import { cleanUp, temporaryFolder } from '../product/standalone-process.js';
import { pause } from '../product/waiting.js';
import { blobPaths, copyOf, eventsOf, flip } from './data-copies.js';
import { Door } from './door.js';
import { Place } from './place.js';
import { openWitness, type Witness } from './witness.js';

const RUNS = 60;
const LARGE = 'x'.repeat(80_000);
const LIMIT_MS = 240_000;

interface Manifest {
  readonly head: number;
  readonly events: number;
  readonly files: readonly { readonly path: string }[];
}

describe('a backup of a system with runs in flight', () => {
  const runIds: string[] = [];
  const folder = temporaryFolder();
  const backup = join(folder, 'backup');
  let witness: Witness;
  let place: Place;
  let door: Door;
  let manifest: Manifest;

  beforeAll(async () => {
    buildProduct();
    witness = await openWitness();
    place = new Place(witness.url);
    door = new Door(await place.start().ready(), place.token());
    const starts = Array.from({ length: RUNS }, (_, n) =>
      door.startRun('chaos', { number: n, ...(n < 5 ? { large: `${LARGE}${n}` } : {}) }, `order-${n}`),
    );
    runIds.push(...(await Promise.all(starts)));
    await pause(300);
    manifest = JSON.parse((await tutti('backup', backup, '--json')).out) as Manifest;
  }, LIMIT_MS);

  afterAll(async () => {
    await cleanUp();
    await witness.close();
  });

  it(
    'was made while they were open, without a word in the log, and the system went on',
    async () => {
      const copied = await eventsOf(join(restoredCopy(), 'data'));
      expect(copied.length).toBe(manifest.events);
      const ended = copied.filter(({ type }) => type === 'RunSucceeded').length;
      expect(ended).toBeLessThan(RUNS);
      for (const runId of runIds) expect(await door.outcome(runId, 90_000)).toBe('succeeded');
      expect(place.logged('error')).toEqual([]);
    },
    LIMIT_MS,
  );

  it('holds every run that was acknowledged before it, whole to the last event, with what it needs and no read model', () => {
    expect(surveyDamage(join(backup, 'events.db'))).toMatchObject({ file: [], lostCount: 0, events: manifest.events });
    const database = new DatabaseSync(join(backup, 'events.db'), { readOnly: true });
    const streams = database
      .prepare(`SELECT name FROM streams WHERE name LIKE 'run-%'`)
      .all()
      .map(({ name }) => String(name));
    database.close();
    expect(streams.sort()).toEqual(runIds.map((id) => `run-${id}`).sort());
    expect(manifest.files.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['events.db', 'bus.db', expect.stringMatching(/^blobs\//)]),
    );
    expect(readdirSync(backup).sort()).toEqual(['blobs', 'bus.db', 'events.db', 'manifest.json']);
    expect(existsSync(`${backup}.unfinished`)).toBe(false);
  });

  it(
    'is restored into an empty folder, where every run goes on to its right end',
    async () => {
      const there = new Place(witness.url);
      const { code, err } = await tutti('restore', backup, '--data-dir', there.dataDir);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const product = there.start();
      const restored = new Door(await product.ready(), there.token());
      expect([...(await restored.runIds())].sort()).toEqual([...runIds].sort());
      for (const [number, runId] of runIds.entries()) {
        expect({ runId, status: await restored.outcome(runId, 90_000) }).toEqual({ runId, status: 'succeeded' });
        expect((await restored.run(runId)).outputs).toEqual({ sum: 78 + 12 * number });
      }
      expect(await product.kill('SIGTERM')).toBe(0);
      const { out } = await tutti('doctor', '--data-dir', there.dataDir);
      expect(out).toContain('every hash chain whole');
      expect(out.match(/✗/g)).toHaveLength(1);
      expect(out).toMatch(/✗ system {2}nothing is running/);
    },
    LIMIT_MS,
  );

  it(
    'is refused when a byte of it changed, by the file’s name, and nothing is restored',
    async () => {
      const damaged = join(temporaryFolder(), 'backup');
      cpSync(backup, damaged, { recursive: true });
      flip({ file: join(damaged, 'events.db'), offset: 20_000, bit: 2 });
      const dataDir = join(folder, 'not-restored');
      const { code, err } = await tutti('restore', damaged, '--data-dir', dataDir);
      expect(err).toMatch(/is damaged, nothing was restored:\s+events\.db has .*DATA_DAMAGED/s);
      expect(code).toBe(1);
      expect([existsSync(dataDir), existsSync(`${dataDir}.unfinished`)]).toEqual([false, false]);
    },
    LIMIT_MS,
  );

  it(
    'is not restored over anything, and no backup is made over anything',
    async () => {
      expect(await tutti('restore', backup, '--data-dir', place.dataDir)).toMatchObject({
        code: 5,
        err: expect.stringContaining('is not empty'),
      });
      expect(await tutti('backup', backup)).toMatchObject({ code: 5, err: expect.stringContaining('is not empty') });
      expect(JSON.parse(readFileSync(join(backup, 'manifest.json'), 'utf8'))).toMatchObject({ head: manifest.head });
    },
    LIMIT_MS,
  );

  it(
    'is not made of what is damaged: not of an event, nor of a stored value',
    async () => {
      await place.newest().kill();
      const changed = copyOf(place.dataDir);
      const database = new DatabaseSync(join(changed, 'events.db'));
      const position = Number(
        database.prepare(`SELECT min(position) AS first FROM events WHERE instr(data, '"attempt":')`).get()?.['first'],
      );
      database.prepare(`UPDATE events SET data = replace(data, '"attempt":', '"attempt": ') WHERE position = ?`).run(position);
      database.close();
      await refused(changed, new RegExp(`events\\.db is damaged and was not copied: 1 events lost or changed.*position ${position}`));
      const spoilt = copyOf(place.dataDir);
      const [blob = ''] = blobPaths(spoilt);
      flip({ file: blob, offset: 100, bit: 0 });
      await refused(spoilt, new RegExp(`blob ${blob} is damaged and was not copied`));
    },
    LIMIT_MS,
  );

  async function refused(dataDir: string, message: RegExp): Promise<void> {
    const target = join(temporaryFolder(), 'backup');
    const { code, err } = await tutti('backup', target, '--data-dir', dataDir);
    expect(err).toMatch(message);
    expect(err).toContain('DATA_DAMAGED');
    expect(code).toBe(1);
    expect([existsSync(target), existsSync(`${target}.unfinished`)]).toEqual([false, false]);
  }

  function restoredCopy(): string {
    const copy = temporaryFolder();
    cpSync(backup, join(copy, 'data'), { recursive: true });
    return copy;
  }

  /** On the place's data, where the arguments name no other. */
  function tutti(...args: readonly string[]): Promise<Ended> {
    const dataDir = args.includes('--data-dir') ? [] : ['--data-dir', place.dataDir];
    return new Program([tuttiMain, ...args, ...dataDir], { cwd: folder }).ended;
  }
});
