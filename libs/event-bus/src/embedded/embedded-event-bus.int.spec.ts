import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createInMemoryEventStore } from '@tutti/event-store/testing';
import { createManualRuntime } from '@tutti/kernel/testing';
import { describeEventBusContract } from '../testing/event-bus-contract.js';
import { gate, GROUP, message, quiet, subscribe, until } from '../testing/recording-member.js';
import { openEmbeddedEventBus } from './embedded-event-bus.js';
import { createEmbeddedHarness, testView, VIEW_TOPIC, type EmbeddedHarness } from './embedded-harness.js';

const STORED_TOPIC = 'tutti.test.stored';

describeEventBusContract('the embedded bus with a stored topic', () => createEmbeddedHarness(STORED_TOPIC));
describeEventBusContract('the embedded bus with a view over the log', () => createEmbeddedHarness(VIEW_TOPIC));

describe('the embedded event bus', () => {
  let harness: EmbeddedHarness;
  afterEach(() => harness.close());

  it('refuses to publish to a view', async () => {
    harness = await createEmbeddedHarness(VIEW_TOPIC);
    await expect(harness.bus.publish(VIEW_TOPIC, [message('a1')])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('refuses a second member of one name, limits below one and messages without a key', async () => {
    harness = await createEmbeddedHarness(STORED_TOPIC);
    await subscribe(harness);
    await expect(subscribe(harness)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(subscribe(harness, { member: 'ben', concurrency: 0 })).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
    await expect(harness.publish([message('a1', { key: '' })])).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  it('refuses everything once it is closed', async () => {
    harness = await createEmbeddedHarness(STORED_TOPIC);
    await harness.bus.close();
    await expect(harness.publish([message('a1')])).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
    await expect(subscribe(harness)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('takes what a handler throws before it has a promise for a rejection', async () => {
    harness = await createEmbeddedHarness(STORED_TOPIC);
    const seen: number[] = [];
    const handle = ({ delivery }: { readonly delivery: number }): Promise<void> => {
      seen.push(delivery);
      if (delivery === 1) throw new Error('at once');
      return Promise.resolve();
    };
    await harness.bus.subscribe({ topic: STORED_TOPIC, group: GROUP, member: 'anna', handle });
    await harness.publish([message('a1')]);
    await until(harness, 'the second delivery', () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
  });

  it('gives other members theirs while one has thousands waiting behind a handler that hangs', async () => {
    harness = await createEmbeddedHarness(VIEW_TOPIC);
    const held = gate();
    const ben = await subscribe(harness, { member: 'ben', concurrency: 1, on: () => held.passed });
    const anna = await subscribe(harness, { member: 'anna' });
    const ids = Array.from({ length: 9_000 }, (_, index) => `m${index}`);
    const keyOf = (id: string) => `k${id.slice(-2)}`;
    await harness.publish(ids.map((id) => message(id, { key: keyOf(id), member: 'ben' })));
    await harness.publish([message('z1', { member: 'anna' })]);
    await until(harness, 'anna has hers', () => anna.ids().length === 1);
    expect(ben.ids()).toEqual(['m0']);
    held.open();
    await until(harness, 'all are handled', () => ben.ids().length >= ids.length);
    for (const key of ['k07', 'k99']) expect(ben.ids().filter((id) => keyOf(id) === key)).toEqual(ids.filter((id) => keyOf(id) === key));
    expect(new Set(ben.ids()).size).toBe(ben.ids().length);
  });

  it('stops reading while its members are busy, and goes on when they have room', async () => {
    let mapped = 0;
    harness = await createEmbeddedHarness(VIEW_TOPIC, {
      view: {
        ...testView,
        messages(event) {
          mapped += 1;
          return testView.messages(event);
        },
      },
    });
    const held = gate();
    const ids = Array.from({ length: 20_000 }, (_, index) => `m${index}`);
    await harness.publish(ids.map((id) => message(id, { key: id })));
    const anna = await subscribe(harness, { on: () => held.passed });
    await harness.elapse(1_000);
    expect(mapped).toBeLessThan(5_000);
    held.open();
    await until(harness, 'all are handled', () => anna.ids().length >= ids.length);
    expect(new Set(anna.ids()).size).toBe(ids.length);
  });

  it('sticks a key to one member while the members stay the same', async () => {
    harness = await createEmbeddedHarness(STORED_TOPIC);
    const members = [await subscribe(harness, { member: 'anna' }), await subscribe(harness, { member: 'ben' })];
    for (let round = 0; round < 5; round++) {
      await harness.publish(Array.from({ length: 40 }, (_, index) => message(`r${round}-${index}`, { key: `key-${index}` })));
      await until(harness, 'the round is handled', () => members.flatMap((member) => member.ids()).length === (round + 1) * 40);
    }
    for (const member of members) expect(new Set(member.deliveries.map(({ key }) => key)).size * 5).toBe(member.deliveries.length);
    expect(members.every((member) => member.deliveries.length > 0)).toBe(true);
  });

  it('writes positions lazily: no row changes per message, at most 50 ms are delivered again after a kill', async () => {
    harness = await createEmbeddedHarness(VIEW_TOPIC);
    const anna = await subscribe(harness);
    await harness.publish([message('a1'), message('a2')]);
    await until(harness, 'both are handled', () => anna.ids().length === 2);
    await harness.elapse(60);
    await harness.publish([message('a3')]);
    await harness.elapse(0);
    expect(anna.ids()).toEqual(['a1', 'a2', 'a3']);
    await harness.crash();
    const again = await subscribe(harness);
    await quiet(harness);
    expect(again.ids()).toEqual(['a3']);
  });

  it('follows again when a view throws, tells of it, and neither skips nor repeats', async () => {
    let broken = true;
    harness = await createEmbeddedHarness(VIEW_TOPIC, {
      view: {
        ...testView,
        messages(event) {
          const messages = testView.messages(event);
          if (broken && messages.some(({ id }) => id === 'a3')) throw new Error('broken view');
          return messages;
        },
      },
    });
    await harness.publish(['a1', 'a2', 'a3', 'a4', 'b1'].map((id) => message(id)));
    const anna = await subscribe(harness);
    await quiet(harness);
    expect(anna.ids()).toEqual(['a1', 'a2']);
    expect(harness.errors).toEqual([expect.objectContaining({ message: 'broken view' })]);
    broken = false;
    await until(harness, 'the rest', () => anna.ids().includes('b1'));
    expect([...anna.ids()].sort()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1']);
  });

  it('replays a dead letter to a member that is not there once it is', async () => {
    harness = await createEmbeddedHarness(VIEW_TOPIC);
    const ben = await subscribe(harness, { member: 'ben', maxDeliveries: 1, on: () => Promise.reject(new Error('no')) });
    await subscribe(harness, { member: 'anna' });
    await harness.publish([message('a1', { member: 'ben' })]);
    await until(harness, 'it is dead', async () => (await harness.bus.deadLetters.list({ topic: VIEW_TOPIC, group: GROUP })).length === 1);
    await ben.subscription.close();
    const [letter] = await harness.bus.deadLetters.list({ topic: VIEW_TOPIC, group: GROUP });
    expect(await harness.bus.deadLetters.replay(VIEW_TOPIC, GROUP, letter?.offset ?? '')).toBe(true);
    await quiet(harness);
    const back = await subscribe(harness, { member: 'ben' });
    await until(harness, 'it is delivered', () => back.ids().length === 1);
    expect(back.deliveries[0]).toMatchObject({ id: 'a1', delivery: 1 });
  });

  it('refuses a file of another version', async () => {
    harness = await createEmbeddedHarness(STORED_TOPIC);
    const folder = mkdtempSync(join(tmpdir(), 'tutti-event-bus-'));
    const file = join(folder, 'bus.db');
    new DatabaseSync(file).exec('PRAGMA user_version = 99');
    const runtime = createManualRuntime();
    const opening = openEmbeddedEventBus({ file, store: createInMemoryEventStore(runtime), views: [], runtime });
    await expect(opening).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
    rmSync(folder, { recursive: true });
  });

  it('forgets stored messages that every group has behind it once they are old, and only those', async () => {
    harness = await createEmbeddedHarness(STORED_TOPIC);
    const anna = await subscribe(harness);
    await harness.publish([message('a1')]);
    await until(harness, 'it is handled', () => anna.ids().length === 1);
    const day = 24 * 60 * 60 * 1000;
    await harness.elapse(6 * day);
    const early = await subscribe(harness, { group: 'within a week' });
    await until(harness, 'a new group has it', () => early.ids().length === 1);
    await anna.subscription.close();
    await harness.publish([message('a2')]);
    await until(harness, 'the other group has it', () => early.ids().length === 2);
    await harness.elapse(9 * day);
    const late = await subscribe(harness, { group: 'after two weeks' });
    await until(harness, 'a new group has what one group still needs', () => late.ids().length === 1);
    expect(late.ids()).toEqual(['a2']);
  });
});
