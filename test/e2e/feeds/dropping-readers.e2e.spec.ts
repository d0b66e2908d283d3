import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@tutti/kernel/testing';
import { buildProduct } from '../../product/build.js';
import { cleanUp, Standalone } from '../../product/standalone-process.js';
import { eventually, pause } from '../../product/waiting.js';
import { CuttingProxy } from './cutting-proxy.js';
import { headOf, recordedPositions, registerNotes, startNotes } from './event-source.js';
import { grpcReader, serverSentEventsReader, webSocketReader, type ReaderKind, type Reading } from './feed-readers.js';

const DROPS = 200;
const EVENTS = 5_000;
const STEPS = 10;
/** About as many matching events has a run. */
const EVENTS_OF_A_RUN = 12;
const TYPES = ['RunStarted', 'TaskScheduled', 'VariablesSet', 'StepSucceeded', 'RunSucceeded'];
const MOST_EVENTS_OF_A_CONNECTION = 40;
const MOST_BYTES_OF_A_CONNECTION = 24_000;
const LONGEST_CONNECTION_MS = 1_000;
const BETWEEN_CUTS_MS = 20;
const LIMIT_MS = 120_000;

/** `CHAOS_SEED` in the environment chooses another; a seed replays how and after how much each connection is dropped. */
describe('a reader that loses its connection at random', () => {
  const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 4_294_967_296);
  const random = seededRandom(seed);
  let tutti: Standalone;

  beforeAll(async () => {
    process.stdout.write(`dropping-readers: CHAOS_SEED=${seed}\n`);
    buildProduct();
    tutti = await Standalone.start();
    await registerNotes(tutti, STEPS);
  }, LIMIT_MS);
  afterAll(async () => {
    await tutti.stop();
    await cleanUp();
  }, LIMIT_MS);

  it.each([webSocketReader, serverSentEventsReader, grpcReader])(
    `sees each of ${EVENTS} matching events once and in order over ${DROPS} drops: $name`,
    async (kind) => {
      const proxy = await CuttingProxy.before(portOf(kind));
      const begin = await headOf(tutti);
      const produced = startNotes(tutti, Math.ceil(EVENTS / EVENTS_OF_A_RUN), 'x'.repeat(100));
      try {
        const { seen, droppedWhileReading } = await readWithDrops(kind, proxy, begin);
        await produced;
        const wanted = await recordedPositions(tutti, begin, TYPES);
        expect(wanted.length).toBeGreaterThanOrEqual(EVENTS);
        await readOn(kind, proxy, seen, wanted.length);
        expect(seen).toEqual(wanted);
        expect(droppedWhileReading).toBeGreaterThan(DROPS / 4);
      } finally {
        proxy.close();
      }
    },
    LIMIT_MS,
  );

  /** One connection after the other, each resumed behind the last event that came whole. */
  async function readWithDrops(kind: ReaderKind, proxy: CuttingProxy, begin: number) {
    const seen: number[] = [];
    let droppedWhileReading = 0;
    for (let drop = 0; drop < DROPS; drop++) {
      const before = seen.length;
      const place = { port: proxy.port, token: tutti.token };
      const most = Math.ceil(random.next() * MOST_EVENTS_OF_A_CONNECTION);
      const enough = Promise.withResolvers<void>();
      let gone = false;
      const reading = kind.read(place, { after: seen.at(-1) ?? begin, types: TYPES }, (position) => {
        // What is on its way when it is dropped counts as lost: the next connection brings it.
        if (!gone) seen.push(position);
        if (seen.length - before < most) return;
        gone = true;
        enough.resolve();
      });
      await dropped(reading, proxy, enough.promise);
      gone = true;
      if (seen.length > before) droppedWhileReading += 1;
    }
    return { seen, droppedWhileReading };
  }

  /** Left in order, cut at once, or cut in the middle of what the server sends. */
  async function dropped(reading: Reading, proxy: CuttingProxy, enough: Promise<void>): Promise<void> {
    const how = random.next();
    if (how < 0.5) proxy.cutAfter(Math.floor(random.next() * MOST_BYTES_OF_A_CONNECTION));
    await Promise.race([reading.over, pause(LONGEST_CONNECTION_MS), ...(how < 0.5 ? [] : [enough])]);
    if (how > 0.75) reading.leave();
    // One that is only being made now is not among those that are cut.
    const isOver = reading.over.then(() => true);
    await eventually('a dropped connection is over', LIMIT_MS, () => {
      if (how <= 0.75) proxy.cut();
      return Promise.race([isOver, pause(BETWEEN_CUTS_MS).then(() => undefined)]);
    });
    proxy.cut();
  }

  async function readOn(kind: ReaderKind, proxy: CuttingProxy, seen: number[], count: number): Promise<void> {
    const place = { port: proxy.port, token: tutti.token };
    const reading = kind.read(place, { after: seen.at(-1) ?? -1, types: TYPES }, (position) => seen.push(position));
    await eventually('every event came', LIMIT_MS / 2, async () => (seen.length >= count ? true : undefined));
    // What came twice would come now.
    await pause(200);
    reading.leave();
    await reading.over;
  }

  function portOf(kind: ReaderKind): number {
    if (kind !== grpcReader) return Number(new URL(tutti.url).port);
    const { grpcUrl } = JSON.parse(readFileSync(join(tutti.dataDir, 'server.json'), 'utf8')) as { readonly grpcUrl: string };
    return Number(grpcUrl.split(':').at(-1));
  }
});
