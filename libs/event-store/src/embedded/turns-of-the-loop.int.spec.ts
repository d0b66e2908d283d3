import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { all, nextTurn, positionsOf, someEvent, someEvents } from '../testing/contract/contract-events.js';
import type { EventStoreHarness } from '../testing/contract/contract-case.js';
import { embeddedHarness } from './embedded-harness.js';

/** Far more than any of the work here takes. */
const MAX_TURNS = 10_000;

describe('embedded event store in a busy process', () => {
  let harness: EventStoreHarness;
  beforeEach(async () => {
    harness = await embeddedHarness();
  });
  afterEach(() => harness.close());

  /** Counts turns of the loop until `work` is done. */
  async function turnsDuring(work: Promise<unknown>): Promise<number> {
    let done = false;
    let turns = 0;
    void work.finally(() => (done = true));
    for (; !done && turns < MAX_TURNS; turns++) await nextTurn();
    expect(done).toBe(true);
    return turns;
  }

  it('spreads many appends of one turn over several commits, and answers each', async () => {
    const appends = Array.from({ length: 1_300 }, (_, index) => harness.store.append(`thing-${index}`, someEvents(1), 'no-stream'));
    expect(await turnsDuring(Promise.all(appends))).toBeGreaterThanOrEqual(3);
    const positions = (await Promise.all(appends)).map(({ position }) => position);
    expect(positions).toEqual(appends.map((_, index) => index));
  });

  it('commits all of them when it is closed meanwhile', async () => {
    const appends = Array.from({ length: 1_300 }, (_, index) => harness.store.append(`thing-${index}`, someEvents(1), 'no-stream'));
    const again = await harness.reopen();
    await Promise.all(appends);
    expect(await again.head()).toBe(1_299);
  });

  it('gives others a turn between the pages of a long read', async () => {
    await harness.store.append('thing-1', someEvents(1_300), 'no-stream');
    const read = all(harness.store.readStream('thing-1'));
    expect(await turnsDuring(read)).toBeGreaterThanOrEqual(2);
    expect(positionsOf(await read)).toHaveLength(1_300);
  });

  it('gives large events in small pages, so that none takes long', async () => {
    const large = () => [someEvent('ThingGrew', { text: 'x'.repeat(500_000) })];
    for (let index = 0; index < 24; index++) await harness.store.append('thing-1', large(), 'any');
    const reads = [all(harness.store.readStream('thing-1')), all(harness.store.readAll({ filter: { categories: ['thing'] } }))];
    expect(await turnsDuring(Promise.all(reads))).toBeGreaterThanOrEqual(4);
    for (const events of await Promise.all(reads)) expect(events.map((event) => event.revision)).toEqual([...Array(24).keys()]);
  });
});
