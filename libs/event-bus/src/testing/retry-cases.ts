import assert from 'node:assert/strict';
import type { EventBusContractCase } from './event-bus-harness.js';
import { deadLetters, GROUP, message, quiet, subscribe, until } from './recording-member.js';

const rejectOnly =
  (...ids: readonly string[]) =>
  (delivery: { readonly id: string }) => {
    if (ids.includes(delivery.id)) throw new Error(`cannot do ${delivery.id}`);
  };

export const RETRY_CASES: readonly EventBusContractCase[] = [
  {
    name: 'delivers a rejected message again after the delay, doubled each time, and counts the deliveries',
    async run(harness) {
      const anna = await subscribe(harness, {
        retryDelayMs: 400,
        maxDeliveries: 4,
        on: ({ delivery }) => {
          if (delivery < 3) throw new Error('not yet');
        },
      });
      await harness.publish([message('a1')]);
      await until(harness, 'the first delivery', () => anna.deliveries.length === 1);
      await harness.elapse(300);
      assert.equal(anna.deliveries.length, 1, 'came again before its delay');
      await until(harness, 'the second delivery', () => anna.deliveries.length === 2);
      await harness.elapse(700);
      assert.equal(anna.deliveries.length, 2, 'the second delay was not doubled');
      await until(harness, 'the third delivery', () => anna.deliveries.length === 3);
      await harness.elapse(3_000);
      assert.deepEqual(
        anna.deliveries.map(({ delivery }) => delivery),
        [1, 2, 3],
      );
      assert.equal(new Set(anna.deliveries.map(({ offset }) => offset)).size, 1);
    },
  },
  {
    name: 'holds back the key of a message that waits for its retry',
    async run(harness) {
      const anna = await subscribe(harness, {
        retryDelayMs: 500,
        on: ({ id, delivery }) => {
          if (id === 'a1' && delivery < 3) throw new Error('not yet');
        },
      });
      await harness.publish([message('a1'), message('a2')]);
      await until(harness, 'the first delivery', () => anna.deliveries.length === 1);
      await harness.publish([message('a3')]);
      await until(harness, 'all handled', () => anna.ids().includes('a3'));
      assert.deepEqual(anna.ids(), ['a1', 'a1', 'a1', 'a2', 'a3']);
    },
  },
  {
    name: 'goes on with all other keys while a message waits for its retry, however much of its key is behind it',
    async run(harness) {
      const anna = await subscribe(harness, { retryDelayMs: 30_000, on: rejectOnly('a0') });
      const behind = Array.from({ length: 6_000 }, (_, index) => message(`a${index}`));
      for (let from = 0; from < behind.length; from += 500) await harness.publish(behind.slice(from, from + 500));
      await harness.publish([message('b1'), message('c1')]);
      await until(harness, 'the other keys', () => anna.ids().includes('b1') && anna.ids().includes('c1'));
      assert.deepEqual(anna.ids(), ['a0', 'b1', 'c1']);
    },
  },
  {
    name: 'makes a message a dead letter after its last delivery, before its key goes on',
    async run(harness) {
      let deadWhenKeyWentOn: readonly string[] = [];
      const anna = await subscribe(harness, {
        retryDelayMs: 20,
        maxDeliveries: 3,
        on: async (delivery) => {
          rejectOnly('a1')(delivery);
          if (delivery.id === 'a2') deadWhenKeyWentOn = (await deadLetters(harness)).map(({ id }) => id);
        },
      });
      await harness.publish([
        message('a1', { payload: { n: 1 }, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }),
        message('a2'),
      ]);
      await until(harness, 'the key goes on', () => anna.ids().includes('a2'));
      await quiet(harness);
      assert.deepEqual(anna.ids(), ['a1', 'a1', 'a1', 'a2']);
      assert.deepEqual(deadWhenKeyWentOn, ['a1']);
      const [letter] = await deadLetters(harness);
      assert.ok(letter !== undefined);
      const { time, ...rest } = letter;
      const { delivery: _delivery, ...published } = anna.deliveries[0] ?? assert.fail('no delivery');
      assert.deepEqual(rest, { ...published, group: GROUP, deliveries: 3, error: 'cannot do a1' });
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    },
  },
  {
    name: 'lists dead letters of one group oldest first, as many as asked for',
    async run(harness) {
      await subscribe(harness, { maxDeliveries: 1, on: rejectOnly('a1', 'a2', 'a3') });
      await subscribe(harness, { group: 'other' });
      const letters = (limit?: number) => deadLetters(harness, GROUP, limit);
      for (const id of ['a1', 'a2', 'a3']) {
        await harness.publish([message(id)]);
        await until(harness, `${id} is dead`, async () => (await letters()).some((letter) => letter.id === id));
      }
      assert.deepEqual(
        (await letters()).map(({ id }) => id),
        ['a1', 'a2', 'a3'],
      );
      assert.deepEqual(
        (await letters(2)).map(({ id }) => id),
        ['a1', 'a2'],
      );
      assert.deepEqual(await deadLetters(harness, 'other'), []);
    },
  },
  {
    name: 'hands a replayed dead letter to its group once more and forgets it',
    async run(harness) {
      let broken = true;
      const anna = await subscribe(harness, {
        maxDeliveries: 1,
        on: () => {
          if (broken) throw new Error('broken');
        },
      });
      await harness.publish([message('a1', { payload: { n: 1 } })]);
      const letters = () => deadLetters(harness);
      await until(harness, 'it is dead', async () => (await letters()).length === 1);
      const { offset } = (await letters())[0] ?? assert.fail('no dead letter');
      broken = false;
      assert.equal(await harness.bus.replayDeadLetter(harness.topic, GROUP, `${offset}0`), false, 'replayed what is not there');
      assert.equal(await harness.bus.replayDeadLetter(harness.topic, GROUP, offset), true);
      await until(harness, 'the second delivery', () => anna.deliveries.length >= 2);
      await quiet(harness);
      assert.deepEqual(anna.ids(), ['a1', 'a1']);
      assert.deepEqual(anna.deliveries[1]?.payload, { n: 1 });
      assert.deepEqual(await letters(), []);
      assert.equal(await harness.bus.replayDeadLetter(harness.topic, GROUP, offset), false, 'replayed it twice');
    },
  },
  {
    name: 'keeps dead letters when the process is killed, and replays them then',
    async run(harness) {
      await subscribe(harness, { maxDeliveries: 1, on: rejectOnly('a1') });
      await harness.publish([message('a1')]);
      const letters = () => deadLetters(harness);
      await until(harness, 'it is dead', async () => (await letters()).length === 1);
      await harness.crash();
      const { offset } = (await letters())[0] ?? assert.fail('the dead letter is gone');
      assert.equal(await harness.bus.replayDeadLetter(harness.topic, GROUP, offset), true);
      const anna = await subscribe(harness);
      await until(harness, 'it is delivered', () => anna.ids().includes('a1'));
      assert.deepEqual(await letters(), []);
    },
  },
];
