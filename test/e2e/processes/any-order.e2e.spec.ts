import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@tutti/kernel/testing';
import { buildProduct } from '../../product/build.js';
import { cleanUp } from '../../product/standalone-process.js';
import { isAlive, pause } from '../../product/waiting.js';
import { ProcessGroup, SERVICES, type Service } from './process-group.js';
import { approve, ended, startRun } from './runs.js';

const LIMIT_MS = 120_000;
const LONGEST_GAP_MS = 250;
const random = seededRandom(20_261_121);

beforeAll(buildProduct, LIMIT_MS);
afterAll(cleanUp);

describe('four processes on one data folder', () => {
  it.each(orders(SERVICES).map((order) => ({ order, stops: shuffled(order) })))(
    'started as $order, stopped as $stops: a run with an approval comes to its end, and nothing is left behind',
    async ({ order, stops }) => {
      const group = new ProcessGroup();
      for (const service of order) {
        group.start(service);
        await gap();
      }
      await group.ready();
      const runId = await startRun(group, 'asked', { text: order.join(' ') }, 'one');
      await approve(group, runId);
      expect(await ended(group, runId)).toEqual({ status: 'succeeded', outputs: { said: order.join(' ') } });
      const programs = stops.map((service) => group.of(service));
      const stopping = [];
      for (const program of programs) {
        stopping.push(program.stop());
        await gap();
      }
      const all = await Promise.all(stopping);
      expect(all.map(({ code, signal, err }) => ({ code, signal, err }))).toEqual(all.map(() => ({ code: 0, signal: null, err: '' })));
      expect(programs.filter(({ pid }) => isAlive(pid))).toEqual([]);
      expect(group.errors()).toEqual([]);
    },
    LIMIT_MS,
  );
});

/** Often none at all. */
function gap(): Promise<void> {
  return pause(Math.max(0, (random.next() * 2 - 1) * LONGEST_GAP_MS));
}

function orders(services: readonly Service[]): readonly (readonly Service[])[] {
  if (services.length < 2) return [services];
  return services.flatMap((first) => orders(services.filter((other) => other !== first)).map((rest) => [first, ...rest]));
}

function shuffled(services: readonly Service[]): readonly Service[] {
  const drawn = services.map((service) => ({ service, at: random.next() }));
  return drawn.sort((left, right) => left.at - right.at).map(({ service }) => service);
}
