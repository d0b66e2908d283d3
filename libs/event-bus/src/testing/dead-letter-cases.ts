import assert from 'node:assert/strict';
import { DEAD_LETTER, deadLetterTopic } from '../dead-letter-topic.js';
import type { DeadLetterQuery } from '../event-bus.port.js';
import type { EventBusContractCase } from './event-bus-harness.js';
import { deadLetters, gate, GROUP, message, quiet, rejectOnly, subscribe, until } from './recording-member.js';

export const DEAD_LETTER_CASES: readonly EventBusContractCase[] = [
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
      const { time, attempts, cursor, ...rest } = letter;
      const { delivery: _delivery, ...published } = anna.deliveries[0] ?? assert.fail('no delivery');
      assert.deepEqual(rest, { ...published, group: GROUP, deliveries: 3, error: 'cannot do a1' });
      assert.deepEqual(
        attempts.map(({ delivery, member, error }) => [delivery, member, error]),
        [1, 2, 3].map((delivery) => [delivery, 'anna', 'cannot do a1']),
      );
      assert.ok(attempts.every((attempt, index) => attempt.time <= time && attempt.time >= (attempts[index - 1]?.time ?? '')));
      assert.notEqual(cursor, '');
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
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, `${offset}0`), false, 'replayed what is not there');
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, offset), true);
      await until(harness, 'the second delivery', () => anna.deliveries.length >= 2);
      await quiet(harness);
      assert.deepEqual(anna.ids(), ['a1', 'a1']);
      assert.deepEqual(anna.deliveries[1]?.payload, { n: 1 });
      assert.deepEqual(await letters(), []);
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, offset), false, 'replayed it twice');
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
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, offset), true);
      const anna = await subscribe(harness);
      await until(harness, 'it is delivered', () => anna.ids().includes('a1'));
      assert.deepEqual(await letters(), []);
    },
  },
  {
    name: 'lists the dead letters of all topics and groups, goes on behind a cursor, and shows one',
    async run(harness) {
      await subscribe(harness, { maxDeliveries: 1, on: rejectOnly('a1', 'b1') });
      await subscribe(harness, { group: 'other', maxDeliveries: 1, on: rejectOnly('c1') });
      for (const id of ['a1', 'c1', 'b1']) {
        await harness.publish([message(id)]);
        await until(harness, `${id} is dead`, async () => (await harness.bus.deadLetters.list()).some((letter) => letter.id === id));
      }
      const list = async (query: DeadLetterQuery = {}) => [...(await harness.bus.deadLetters.list(query))];
      const all = await list();
      assert.deepEqual(
        all.map(({ id, group }) => [id, group]),
        [
          ['a1', GROUP],
          ['c1', 'other'],
          ['b1', GROUP],
        ],
      );
      const ids = async (query: DeadLetterQuery) => (await list(query)).map(({ id }) => id);
      assert.deepEqual(await ids({ after: all[0]?.cursor ?? '' }), ['c1', 'b1']);
      assert.deepEqual(await ids({ after: all[0]?.cursor ?? '', group: GROUP, topic: harness.topic }), ['b1']);
      assert.deepEqual(await ids({ topic: `${harness.topic}.other` }), []);
      await assert.rejects(harness.bus.deadLetters.list({ after: 'none' }), { code: 'INVALID_REQUEST' });
      assert.deepEqual(await harness.bus.deadLetters.get(harness.topic, 'other', all[1]?.offset ?? ''), all[1]);
      assert.equal(await harness.bus.deadLetters.get(harness.topic, GROUP, 'none'), null);
    },
  },
  {
    name: 'keeps the story of a message over a close and a replay, and the last 20 rejections of a long one',
    async run(harness) {
      const rejected = async (delivery: number, maxDeliveries: number): Promise<void> => {
        const anna = await subscribe(harness, { maxDeliveries, retryDelayMs: 0, on: rejectOnly('a1') });
        await until(harness, `delivery ${delivery}`, () => anna.deliveries.some((each) => each.delivery === delivery));
        await harness.elapse(1_000);
      };
      await harness.publish([message('a1')]);
      const patient = await subscribe(harness, { retryDelayMs: 60_000, on: rejectOnly('a1') });
      await until(harness, 'the first delivery', () => patient.deliveries.length === 1);
      await quiet(harness);
      await harness.reopen();
      await rejected(2, 2);
      const [first] = await deadLetters(harness);
      assert.equal(first?.attempts.length, 3);
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, first?.offset ?? ''), true);
      await until(harness, 'it is dead again', async () => (await deadLetters(harness)).length === 1);
      const [second] = await deadLetters(harness);
      assert.equal(second?.attempts.length, 5);
      assert.deepEqual(second?.attempts.slice(0, 3), first?.attempts);
      await harness.reopen();
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, second?.offset ?? ''), true);
      await rejected(25, 25);
      const [third] = await deadLetters(harness);
      assert.deepEqual(
        third?.attempts.map(({ delivery }) => delivery),
        Array.from({ length: 20 }, (_, index) => index + 6),
      );
    },
  },
  {
    name: 'forgets a discarded dead letter for good, also when the process is killed, and no other',
    async run(harness) {
      const never = gate();
      await subscribe(harness, {
        maxDeliveries: 1,
        // In hand for ever, so that the group's position stays before the dead letters.
        on: (delivery) => (delivery.id === 'z1' ? never.passed : rejectOnly('a1', 'b1')(delivery)),
      });
      await harness.publish([message('z1'), message('a1'), message('b1')]);
      await until(harness, 'both are dead', async () => (await deadLetters(harness)).length === 2);
      const offset = (await deadLetters(harness)).find(({ id }) => id === 'a1')?.offset ?? assert.fail('no dead letter');
      assert.equal(await harness.bus.deadLetters.discard(harness.topic, GROUP, `${offset}0`), false, 'discarded what is not there');
      assert.equal(await harness.bus.deadLetters.discard(harness.topic, GROUP, offset), true);
      assert.equal(await harness.bus.deadLetters.discard(harness.topic, GROUP, offset), false, 'discarded it twice');
      assert.equal(await harness.bus.deadLetters.replay(harness.topic, GROUP, offset), false, 'replayed what is discarded');
      await harness.crash();
      const again = await subscribe(harness);
      await until(harness, 'what was in hand', () => again.ids().includes('z1'));
      await quiet(harness);
      assert.deepEqual(again.ids(), ['z1']);
      assert.deepEqual(
        (await deadLetters(harness)).map(({ id }) => id),
        ['b1'],
      );
    },
  },
  {
    name: 'tells of a dead letter on a topic of its own, once it is kept, with its whole story, also when the process is killed',
    async run(harness) {
      await subscribe(harness, { maxDeliveries: 2, retryDelayMs: 20, on: rejectOnly('a1') });
      await harness.publish([message('a1', { member: 'anna' }), message('b1')]);
      await until(harness, 'it is dead', async () => (await deadLetters(harness)).length === 1);
      await harness.crash();
      const known: boolean[] = [];
      const told = await subscribe(harness, {
        topic: deadLetterTopic(harness.topic),
        group: 'undertaker',
        on: async () => void known.push((await deadLetters(harness)).length === 1),
      });
      await until(harness, 'it is told', () => told.deliveries.length === 1);
      const [letter] = await deadLetters(harness);
      const { cursor: _, ...expected } = letter ?? assert.fail('no dead letter');
      const [first] = told.deliveries;
      assert.deepEqual([first?.type, first?.key, first?.payload], [DEAD_LETTER, 'a', expected]);
      assert.deepEqual(known, [true]);
    },
  },
  {
    name: 'tells of a dead letter while somebody listens, tells again when that rejects, and makes no topic for the letters of letters',
    async run(harness) {
      const told = await subscribe(harness, {
        topic: deadLetterTopic(harness.topic),
        group: 'undertaker',
        maxDeliveries: 2,
        retryDelayMs: 20,
        on: () => {
          throw new Error('not yet');
        },
      });
      const deeper = await subscribe(harness, { topic: deadLetterTopic(deadLetterTopic(harness.topic)), group: 'undertaker' });
      await subscribe(harness, { maxDeliveries: 1, on: rejectOnly('a1') });
      await harness.publish([message('a1')]);
      await until(harness, 'both are dead', async () => (await harness.bus.deadLetters.list()).length === 2);
      await quiet(harness);
      assert.deepEqual([told.deliveries.length, deeper.deliveries.length], [2, 0]);
    },
  },
];
