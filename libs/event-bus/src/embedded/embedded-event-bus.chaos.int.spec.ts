import { afterEach, describe, expect, it } from '@jest/globals';
import { seededRandom } from '@tutti/kernel/testing';
import type { BusMessage } from '../event-bus.port.js';
import { message, quiet, subscribe, until, type RecordingMember } from '../testing/recording-member.js';
import { createEmbeddedHarness, VIEW_TOPIC, type EmbeddedHarness } from './embedded-harness.js';

const NAMES = ['anna', 'ben', 'cleo'] as const;
/** So small that everything overflows. */
const LIMITS = { forAnyone: 8, forMember: 4, behindRetry: 1, perLoad: 3 };
const SEEDS = Array.from({ length: 12 }, (_, index) => index);
const TOPICS = ['tutti.test.stored', VIEW_TOPIC];
const RUNS = SEEDS.map((seed) => ({ seed, topic: TOPICS[seed % 2] ?? VIEW_TOPIC }));

describe('the embedded event bus, where members come, go and reject all the time', () => {
  let harness: EmbeddedHarness;
  afterEach(() => harness.close());

  it.each(RUNS)('handles every message once, in order of its lane, over restarts in order (seed $seed)', async ({ seed, topic }) => {
    harness = await createEmbeddedHarness(topic, seed % 4 < 2 ? { limits: LIMITS } : {});
    const { published, handled } = await live(harness, seed, () => harness.reopen());
    expect([...handled].sort()).toEqual(published.map(({ id }) => id).sort());
    expectOrder(published, handled);
  });

  it.each(RUNS)('handles every message at least once, first in order of its lane, over kills (seed $seed)', async ({ seed, topic }) => {
    harness = await createEmbeddedHarness(topic, seed % 4 < 2 ? { limits: LIMITS } : {});
    const { published, handled } = await live(harness, seed, () => harness.crash());
    expect([...new Set(handled)].sort()).toEqual(published.map(({ id }) => id).sort());
    expectOrder(published, [...new Set(handled)]);
  });
});

async function live(harness: EmbeddedHarness, seed: number, restart: () => Promise<void>) {
  const random = seededRandom(seed);
  const anyName = () => NAMES[Math.floor(random.next() * NAMES.length)] ?? 'anna';
  const published: BusMessage[] = [];
  const handled: string[] = [];
  const present = new Map<string, RecordingMember>();
  let life = 0;
  const join = async (member: string) => {
    const born = life;
    const on = async ({ id }: { readonly id: string }) => {
      await new Promise<void>((resolve) => harness.runtime.timers.soon(resolve));
      if (random.next() < 0.2) throw new Error('try again');
      // A handler that outlives its process has no effect that counts.
      if (born === life) handled.push(id);
    };
    present.set(member, await subscribe(harness, { member, retryDelayMs: 5, maxDeliveries: 1_000, concurrency: 3, on }));
  };
  for (let round = 0; round < 60; round++) {
    const name = anyName();
    const member = present.get(name);
    if (member === undefined) await join(name);
    else {
      present.delete(name);
      void member.subscription.close();
    }
    const batch = Array.from({ length: 1 + Math.floor(random.next() * 40) }, (_, index) =>
      message(`${index % 7}-${round}-${index}`, random.next() < 0.5 ? { member: anyName() } : {}),
    );
    published.push(...batch);
    await harness.publish(batch);
    await harness.elapse(Math.floor(random.next() * 80));
    if (round % 10 !== 9) continue;
    await restart();
    life += 1;
    present.clear();
  }
  for (const name of NAMES) if (!present.has(name)) await join(name);
  await until(harness, 'all are handled', () => new Set(handled).size >= published.length);
  await quiet(harness);
  return { published, handled };
}

function expectOrder(published: readonly BusMessage[], handled: readonly string[]): void {
  const lanes = new Map(published.map(({ id, key, member }) => [id, `${key} ${member ?? ''}`]));
  for (const lane of new Set(lanes.values())) {
    const inLane = (id: string) => lanes.get(id) === lane;
    expect(handled.filter(inLane)).toEqual(published.map(({ id }) => id).filter(inLane));
  }
}
