import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildProduct } from '../../product/build.js';
import { cleanUp, Standalone } from '../../product/standalone-process.js';
import { eventually } from '../../product/waiting.js';
import { registerNotes, startNotes } from './event-source.js';
import { unreadingSocket } from './unreading-socket.js';

const SOCKETS = 50;
const EVENTS = 5_000;
const EVENT_BYTES = 20_000;
/** The same without them, to compare with. */
const WARM_UP_RUNS = 2_000;
/** What fifty sockets may hold by their limits: a full buffer and a batch each, as text and parsed. */
const MOST_GROWTH_MIB = 350;
/** From the commit to the reader, of nearly all; on a machine that does other work besides. */
const LATE_MS = 2_000;
const LIMIT_MS = 240_000;

describe('fifty sockets that do not read', () => {
  let tutti: Standalone;
  beforeAll(async () => {
    buildProduct();
    // They are to stay for as long as it takes.
    tutti = await Standalone.start({ config: { gateway: { feed: { stallLimitMs: 3_600_000, pingIntervalMs: 3_600_000 } } } });
    await registerNotes(tutti, 1);
  }, LIMIT_MS);
  afterAll(async () => {
    await tutti.stop('SIGKILL');
    await cleanUp();
  }, LIMIT_MS);

  it(
    `keep others from nothing while ${EVENTS} events of ${EVENT_BYTES} bytes pass, and cost no more memory than their limits`,
    async () => {
      const text = 'x'.repeat(EVENT_BYTES);
      await startNotes(tutti, WARM_UP_RUNS, text);
      const before = tutti.anonymousMiB();
      const stuck = await Promise.all(Array.from({ length: SOCKETS }, () => unreadingSocket(tutti.url, tutti.token)));
      const reader = await followStarts();
      await startNotes(tutti, EVENTS, text);
      await eventually('the reader has seen every start', LIMIT_MS / 4, async () => (reader.lateMs.length >= EVENTS ? true : undefined));
      const growth = tutti.anonymousMiB() - before;
      const late = reader.lateMs.toSorted((a, b) => a - b);
      process.stdout.write(
        `slow-readers: ${Math.round(growth)} MiB more; ${late[Math.floor(EVENTS / 2)]} ms late by the median, ${late[Math.floor(EVENTS * 0.99)]} ms by the 99th percentile\n`,
      );
      expect(stuck.every(({ isOpen }) => isOpen())).toBe(true);
      expect(growth).toBeLessThan(MOST_GROWTH_MIB);
      expect(late[Math.floor(EVENTS * 0.99)]).toBeLessThan(LATE_MS);
      for (const { socket } of stuck) socket.destroy();
      reader.close();
    },
    LIMIT_MS,
  );

  /** A reader that reads: how long each event was on its way. */
  async function followStarts() {
    const socket = new WebSocket(`${tutti.url.replace('http', 'ws')}/v1/feed`, ['tutti.v1', `tutti.token.${tutti.token}`]);
    const lateMs: number[] = [];
    const ready = Promise.withResolvers<void>();
    socket.addEventListener('open', () =>
      socket.send(JSON.stringify({ type: 'subscribe', id: 's', after: 'head', types: ['RunStarted'] })),
    );
    socket.addEventListener('message', ({ data }) => {
      const { type, event } = JSON.parse(String(data)) as { readonly type: string; readonly event?: { readonly time: string } };
      if (type === 'caught-up') ready.resolve();
      if (event !== undefined) lateMs.push(Date.now() - Date.parse(event.time));
    });
    await ready.promise;
    return { lateMs, close: () => socket.close() };
  }
});
