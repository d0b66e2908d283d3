import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TOPIC_VIEWS } from '@tutti/contracts';
import { approvalsProjection, runsProjection, tasksProjection, workflowsProjection } from '@tutti/coordinator';
import { openEmbeddedEventStore } from '@tutti/event-store/embedded';
import { isTuttiError, type JsonObject, type RecordedEvent } from '@tutti/kernel';
import { seededRandom } from '@tutti/kernel/testing';
import type { Projection } from '@tutti/read-models';
import { agentsProjection, servicesProjection } from '@tutti/registry';
import { createSystemRuntime } from '@tutti/service-kit';
import { inspectFolder } from '@tutti/store-host/embedded';
import { checkDataFolder } from '../../services/standalone/src/maintenance/check-data-folder.js';
import { buildProduct } from '../product/build.js';
import { tuttiMain } from '../product/paths.js';
import { Program } from '../product/program.js';
import { cleanUp, Standalone, temporaryFolder } from '../product/standalone-process.js';
import { blobPaths, copyOf, eventsOf, flip, randomFlip, type Flip } from './data-copies.js';
import { Door } from './door.js';
import { Place } from './place.js';
import { openWitness, type Witness } from './witness.js';

const RUNS = 25;
/** More than the read models may be behind. */
const GONE = 200;
/** Over the size up to which values stand in events. */
const LARGE = 'x'.repeat(80_000);
const LIMIT_MS = 240_000;
const FLIPS: Readonly<Record<string, number>> = { 'events.db': 14, 'events.db-wal': 14, 'read-models.db': 5, 'bus.db': 4, 'bus.db-wal': 4 };
const BLOB_FLIPS = 3;
const PROJECTIONS = [
  ...[runsProjection, tasksProjection, approvalsProjection, workflowsProjection],
  ...[agentsProjection, servicesProjection],
] as unknown as readonly Projection<JsonObject>[];

/** Who noticed the damage and what they said, or that there was nothing to notice: everything reads as before. */
interface Verdict {
  readonly by: 'start' | 'doctor' | 'nobody';
  readonly said: string;
}

describe('bytes that changed in the files of a killed process', () => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 4_294_967_296);
  const random = seededRandom(seed);
  let witness: Witness;
  let place: Place;
  let killed: string;
  let events: readonly RecordedEvent[];

  beforeAll(async () => {
    process.stdout.write(`damaged-bytes: CHAOS_SEED=${seed}\n`);
    buildProduct();
    witness = await openWitness();
    place = new Place(witness.url);
    const product = place.start();
    const door = new Door(await product.ready(), place.token());
    const ended = await Promise.all(
      Array.from({ length: RUNS }, (_, n) => door.startRun('chaos', { number: n, large: `${LARGE}${n}` }, `a-${n}`)),
    );
    for (const runId of ended.slice(0, 10)) await door.outcome(runId, 60_000);
    await product.kill();
    killed = place.dataDir;
    events = await eventsOf(copyOf(killed));
  }, LIMIT_MS);

  afterAll(async () => {
    await cleanUp();
    await witness.close();
  });

  it('were many, in files of every kind, or this test would show nothing', () => {
    expect(events.length).toBeGreaterThan(300);
    expect(blobPaths(killed).length).toBeGreaterThan(BLOB_FLIPS);
    for (const name of Object.keys(FLIPS)) expect(statSync(join(killed, name)).size).toBeGreaterThan(1_000);
  });

  it.each(Object.entries(FLIPS))(
    'of %s: the start or the doctor refuses and names the file, or nothing is other than it was',
    async (name, times) => {
      for (let time = 0; time < times; time++) {
        if (!existsSync(join(killed, name)) || statSync(join(killed, name)).size === 0) break;
        const changed = randomFlip(join(killed, name), random);
        const verdict = await tryFlip(changed);
        tell(changed, verdict);
        if (verdict.by !== 'nobody') expect(verdict.said).toContain(name.replace('-wal', ''));
      }
    },
    LIMIT_MS,
  );

  it(
    'of a stored value: the doctor names it and the run that needs it',
    async () => {
      const paths = blobPaths(killed);
      for (let time = 0; time < BLOB_FLIPS; time++) {
        const changed = randomFlip(paths[Math.floor(random.next() * paths.length)] ?? '', random);
        const verdict = await tryFlip(changed);
        tell(changed, verdict);
        expect(verdict).toMatchObject({ by: 'doctor', said: expect.stringMatching(new RegExp(`${basename(changed.file)} of .*run-`)) });
      }
    },
    LIMIT_MS,
  );

  it(
    'of one event: tutti doctor names its run, its revision and its position',
    async () => {
      const event = events.find(({ type, revision }) => type === 'TaskSucceeded' && revision > 3);
      if (event === undefined) throw new Error('no task had succeeded');
      const folder = copyOf(killed);
      const database = new DatabaseSync(join(folder, 'events.db'));
      database.prepare(`UPDATE events SET data = replace(data, '"attempt":', '"attempt": ') WHERE position = ?`).run(event.position);
      database.close();
      const { code, out } = await doctor(folder);
      expect(out).toContain(`${event.stream} revision ${event.revision} (position ${event.position})`);
      expect(code).toBe(1);
    },
    LIMIT_MS,
  );

  it(
    'of a log with transactions after them: the start is refused, names the file and changes nothing',
    async () => {
      const folder = await withTransactionsInItsLog();
      const log = join(folder, 'events.db-wal');
      const before = await eventsOf(copyOf(folder));
      flip({ file: log, offset: 32 + 24 + 100, bit: 3 });
      const { program } = Standalone.launch({ dataDir: folder });
      expect(await program.outcome()).toBe(1);
      expect(program.err).toMatch(/events\.db-wal is damaged in frame 1 .*DATA_DAMAGED/s);
      flip({ file: log, offset: 32 + 24 + 100, bit: 3 });
      expect(await eventsOf(folder)).toEqual(before);
    },
    LIMIT_MS,
  );

  it(
    'and events that are gone from the end: the start is refused and says how many',
    async () => {
      const folder = copyOf(killed);
      const end = events.length - 1 - GONE;
      const database = new DatabaseSync(join(folder, 'events.db'));
      database.prepare('DELETE FROM events WHERE position > ?').run(end);
      database.close();
      const { program } = Standalone.launch({ dataDir: folder });
      expect(await program.outcome()).toBe(1);
      expect(program.err).toMatch(
        new RegExp(`events\\.db ends at position ${end}, but .* has seen position \\d+: \\d+ events are lost.*DATA_DAMAGED`),
      );
      expect((await doctor(folder)).out).toMatch(/end of the log .*events are lost/);
    },
    LIMIT_MS,
  );

  /** What a process leaves that is killed before anything was moved from the log into the file: several transactions, each with events. */
  async function withTransactionsInItsLog(): Promise<string> {
    const written = temporaryFolder();
    const store = await openEmbeddedEventStore({ file: join(written, 'events.db'), runtime: createSystemRuntime() });
    for (const event of events.slice(0, 8)) {
      const { id, type, schemaVersion, data, metadata } = event;
      await store.append('run-damaged', [{ id, type, schemaVersion, data, metadata }], 'any');
    }
    const folder = copyOf(written);
    await store.close();
    return folder;
  }

  async function doctor(dataDir: string): Promise<{ readonly code: number | null; readonly out: string }> {
    return new Program([tuttiMain, 'doctor', '--data-dir', dataDir], { cwd: dirname(dataDir) }).ended;
  }

  async function tryFlip({ file, offset, bit }: Flip): Promise<Verdict> {
    const folder = copyOf(killed);
    try {
      flip({ file: join(folder, relative(killed, file)), offset, bit });
      return (await noticedByStart(folder)) ?? (await noticedByDoctor(folder)) ?? (await unchanged(folder));
    } finally {
      rmSync(dirname(folder), { recursive: true });
    }
  }

  async function noticedByStart(folder: string): Promise<Verdict | null> {
    const warnings: string[] = [];
    try {
      inspectFolder(folder, TOPIC_VIEWS, { warn: (message, fields) => warnings.push(`${message}: ${String(fields?.['detail'])}`) });
    } catch (error) {
      if (isTuttiError(error) && error.code === 'DATA_DAMAGED') return { by: 'start', said: error.message };
      throw error;
    }
    return warnings.length === 0 ? null : { by: 'start', said: warnings.join() };
  }

  async function noticedByDoctor(folder: string): Promise<Verdict | null> {
    const { checks } = await checkDataFolder({ dataDir: folder, projections: PROJECTIONS, runtime: createSystemRuntime() });
    const failed = checks.filter(({ status }) => status !== 'ok');
    return failed.length === 0 ? null : { by: 'doctor', said: failed.map(({ name, detail }) => `${name}: ${detail}`).join('; ') };
  }

  /** What nobody noticed must make no difference. */
  async function unchanged(folder: string): Promise<Verdict> {
    const found = await eventsOf(folder);
    expect(found.length).toBe(events.length);
    const differing = events.filter((event, index) => JSON.stringify(event) !== JSON.stringify(found[index]));
    expect(differing).toEqual([]);
    return { by: 'nobody', said: 'nothing differs' };
  }

  function tell({ file, offset, bit }: Flip, { by, said }: Verdict): void {
    process.stdout.write(`damaged-bytes: ${relative(killed, file)} byte ${offset} bit ${bit}: ${by}: ${said.slice(0, 160)}\n`);
  }
});
