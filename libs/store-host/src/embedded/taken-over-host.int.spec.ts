import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lockDataFolder } from '@tutti/event-store/embedded';
import type { RecordedEvent } from '@tutti/kernel';
import { seededRandom } from '@tutti/kernel/testing';
import { countedThings, type ThingCount } from '../child-processes/counted-things.js';
import { Sharer, type SharerLine } from '../child-processes/sharer.js';
import { connectStoreHost, type StoreHostClient } from '../client/store-host-client.js';
import { realRuntime } from '../real-runtime-harness.js';
import { SILENT } from '../socket-harness.js';
import { storeSocketPath } from '../socket-path.js';

/** `TAKE_OVER_SEED` in the environment replays the order and the moments of the kills, `TAKE_OVER_KILLS` says how many. */
const SEED = Number(process.env['TAKE_OVER_SEED'] ?? Date.now() % 4_294_967_296);
const KILLS = Number(process.env['TAKE_OVER_KILLS'] ?? 8);
const HOSTS = ['ann', 'ben', 'cid'];
const GUEST = 'dan';
const LONGEST_LIFE_MS = 700;
/** On a machine that has nothing else to do a take-over takes a tenth of it. */
const TAKE_OVER_LIMIT_MS = 5_000;
const LIMIT_MS = 180_000;

describe(`processes of one folder whose host is killed ${KILLS} times`, () => {
  const random = seededRandom(SEED);
  const folder = mkdtempSync(join(tmpdir(), 'tutti-shared-'));
  const acknowledged: string[] = [];
  const blobs = new Set<string>();
  const handled = new Set<string>();
  const breaches: string[] = [];
  const takeOversMs: number[] = [];
  const sharers = new Map<string, Sharer>();
  let lives = 0;
  let host: Sharer | null = null;
  let onHost = () => {};
  let remote: StoreHostClient;
  const events: RecordedEvent[] = [];

  function heed(line: SharerLine, sharer: Sharer): void {
    if (line.acknowledged !== undefined) acknowledged.push(line.acknowledged);
    if (line.blob !== undefined) blobs.add(line.blob);
    if (line.handled !== undefined) handled.add(line.handled);
    if (line.breach !== undefined) breaches.push(line.breach);
    if (line.refused !== undefined) breaches.push(`${sharer.task.name} was refused: ${line.message}`);
    if (line.hosts !== true) return;
    if (host?.isAlive === true) breaches.push(`${sharer.task.name} hosts while ${host.task.name} does`);
    host = sharer;
    onHost();
  }

  function start(name: string): Sharer {
    lives += 1;
    const task = { folder, name, seed: SEED + lives, mayHost: name !== GUEST, folds: name === HOSTS[0] };
    const sharer = new Sharer(task, heed);
    sharers.set(name, sharer);
    return sharer;
  }

  /** Takes the time from the end of one host to the next. */
  async function until(end: (host: Sharer) => Promise<unknown>): Promise<void> {
    const former = host;
    if (former === null) throw new Error('nobody hosts the folder');
    const next = new Promise<void>((resolve) => (onHost = resolve));
    const ended = end(former);
    const fromMs = performance.now();
    await next;
    takeOversMs.push(performance.now() - fromMs);
    await ended;
  }

  beforeAll(async () => {
    process.stdout.write(`taken-over-host: TAKE_OVER_SEED=${SEED}\n`);
    remote = connectStoreHost({ socketPath: storeSocketPath(folder), runtime: realRuntime(SEED), logger: SILENT });
    await Promise.all([GUEST, ...HOSTS].map((name) => start(name).said('connected')));
    for (let kill = 0; kill < KILLS; kill++) {
      await pause(random.next() * LONGEST_LIFE_MS);
      // The process that does not host is killed now and then, too.
      const bystander = random.next() < 0.3 ? sharers.get(GUEST) : undefined;
      await Promise.all([bystander?.kill(), until((former) => former.kill())]);
      // So is the next host, before it has done anything.
      if (random.next() < 0.3) await until((former) => former.kill());
      const dead = [...sharers.values()].filter(({ isAlive }) => !isAlive);
      await Promise.all(dead.map(({ task }) => start(task.name).said('connected')));
    }
    // One hands it over in order, under the same load.
    await until(async (former) => expect(await former.close()).toBe(0));
    const stopped = [...sharers.values()].find(({ isAlive }) => !isAlive)?.task.name ?? '';
    await start(stopped).said('connected');
    await pause(300);
  }, LIMIT_MS);

  afterAll(async () => {
    await Promise.all([...sharers.values()].map((sharer) => sharer.kill()));
    await remote.close();
    rmSync(folder, { recursive: true });
  });

  it(
    'has every subscriber see every event once, in order',
    async () => {
      const living = [...sharers.values()];
      // They come to rest first, so that there is an end.
      await Promise.all(living.map((sharer) => sharer.seenUpTo(-1)));
      for await (const event of remote.eventStore.readAll()) events.push(event);
      const end = events.at(-1)?.position ?? -1;
      const counts = await Promise.all(living.map((sharer) => sharer.seenUpTo(end)));
      expect(counts).toEqual(living.map(() => events.length));
    },
    LIMIT_MS,
  );

  it('has every acknowledged append exactly once, at revisions without a gap', () => {
    const counts = Map.groupBy(events, ({ id }) => id);
    expect(acknowledged.length).toBeGreaterThan(KILLS * 20);
    expect(acknowledged.filter((id) => counts.get(id)?.length !== 1)).toEqual([]);
    expect([...counts.values()].filter(({ length }) => length > 1)).toEqual([]);
    for (const stream of Map.groupBy(events, (event) => event.stream).values())
      expect(stream.map(({ revision }) => revision)).toEqual(stream.map((_, index) => index));
    // Of each life at most one append of each of its two loops was not answered.
    expect(events.length - acknowledged.length).toBeLessThanOrEqual(2 * lives);
  });

  it(
    'hands every message to somebody',
    async () => {
      for (let waited = 0; waited < 20_000 && events.some(({ id }) => !handled.has(id)); waited += 50) await pause(50);
      expect(events.filter(({ id }) => !handled.has(id)).map(({ position }) => position)).toEqual([]);
      expect(await remote.eventBus.deadLetters.list()).toEqual([]);
    },
    LIMIT_MS,
  );

  it('has documents that equal the events, and every blob', async () => {
    const counts = Map.groupBy(events, ({ stream }) => stream);
    const model = await remote.readModels.open<ThingCount>(countedThings(1));
    const end = events.at(-1)?.position ?? -1;
    for (let waited = 0; waited < 10_000 && (await model.checkpoint()) < end; waited += 50) await pause(50);
    const documents = await model.getMany([...counts.keys()]);
    const expected = [...counts].map(([key, of]) => [key, of.length]);
    expect(documents.map(({ key, document }) => [key, document.count]).sort()).toEqual(expected.sort());
    expect(blobs.size).toBeGreaterThan(KILLS);
    for (const hash of blobs) expect((await remote.blobs.get('default', hash)).length).toBe(300 * 1024);
  });

  it('has one host at a time, and another soon after each end', () => {
    expect(breaches).toEqual([]);
    const sorted = [...takeOversMs].sort((a, b) => a - b).map(Math.round);
    process.stdout.write(`taken-over-host: ${events.length} events, ${lives} lives, take-overs took ${sorted.join(', ')} ms\n`);
    expect(takeOversMs.length).toBeGreaterThan(KILLS);
    expect(sorted.at(-1)).toBeLessThan(TAKE_OVER_LIMIT_MS);
  });

  it(
    'leaves the folder to whoever comes when all have ended in order',
    async () => {
      expect(await Promise.all([...sharers.values()].map((sharer) => sharer.close()))).toEqual([0, 0, 0, 0]);
      lockDataFolder(folder).release();
    },
    LIMIT_MS,
  );
});

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
