import assert from 'node:assert/strict';
import type { EventBusContractCase, EventBusHarness } from './event-bus-harness.js';
import { gate, GROUP, message, quiet, settled, subscribe, until } from './recording-member.js';

const forBen = (id: string) => message(id, { member: 'ben' });

async function benGetsInOrder(harness: EventBusHarness, expected: readonly string[]): Promise<void> {
  const ben = await subscribe(harness, { member: 'ben' });
  await until(harness, `ben has ${expected.join(', ')}`, () => ben.ids().length >= expected.length);
  await quiet(harness);
  assert.deepEqual(ben.ids(), expected);
}

export const MEMBER_CASES: readonly EventBusContractCase[] = [
  {
    name: 'gives a message that names a member to that member only',
    async run(harness) {
      const anna = await subscribe(harness, { member: 'anna' });
      const ben = await subscribe(harness, { member: 'ben' });
      const ids = Array.from({ length: 10 }, (_, index) => `m${index}`);
      await harness.publish(ids.map((id) => message(id, { key: id, member: 'ben' })));
      await until(harness, 'ben has all', () => ben.ids().length + anna.ids().length >= ids.length);
      await quiet(harness);
      assert.deepEqual(ben.ids().sort(), [...ids].sort());
      assert.deepEqual(anna.ids(), []);
    },
  },
  {
    name: 'keeps messages for a member that is not there, in order, and holds back nothing else for them',
    async run(harness) {
      const anna = await subscribe(harness, { member: 'anna' });
      await harness.publish([forBen('a1'), forBen('a2'), message('b1'), message('c1', { member: 'anna' })]);
      await until(harness, 'anna has hers', () => anna.ids().length >= 2);
      await quiet(harness);
      assert.deepEqual(anna.ids().sort(), ['b1', 'c1']);
      await benGetsInOrder(harness, ['a1', 'a2']);
    },
  },
  {
    name: 'keeps messages for a member that is not there when the bus is closed',
    async run(harness) {
      const anna = await subscribe(harness, { member: 'anna' });
      await harness.publish([forBen('a1'), message('b1'), forBen('a2'), message('b2')]);
      await until(harness, 'anna has hers', () => anna.ids().length === 2);
      await harness.elapse(1_000);
      await harness.reopen();
      const again = await subscribe(harness, { member: 'anna' });
      await benGetsInOrder(harness, ['a1', 'a2']);
      assert.deepEqual(again.ids(), []);
    },
  },
  {
    name: 'keeps messages for a member that is not there when the process is killed',
    async run(harness) {
      const anna = await subscribe(harness, { member: 'anna' });
      await harness.publish([forBen('a1'), message('b1'), forBen('a2'), message('b2')]);
      await until(harness, 'anna has hers', () => anna.ids().length === 2);
      await harness.elapse(1_000);
      await harness.crash();
      await subscribe(harness, { member: 'anna' });
      await benGetsInOrder(harness, ['a1', 'a2']);
    },
  },
  {
    name: 'gives what a member had not begun when it closed to those that are left',
    async run(harness) {
      const held = gate();
      const anna = await subscribe(harness, { member: 'anna', concurrency: 1, on: () => held.passed });
      const ids = Array.from({ length: 12 }, (_, index) => `m${index}`);
      await harness.publish(ids.map((id) => message(id, { key: id })));
      await until(harness, 'anna has one in hand', () => anna.ids().length === 1);
      const ben = await subscribe(harness, { member: 'ben' });
      const closing = anna.subscription.close();
      held.open();
      await settled(harness, 'close', closing);
      await until(harness, 'ben has the rest', () => ben.ids().length >= 11);
      await quiet(harness);
      assert.deepEqual([...anna.ids(), ...ben.ids()].sort(), [...ids].sort());
    },
  },
  {
    name: 'keeps what was for a member that closed until it is back',
    async run(harness) {
      const held = gate();
      const ben = await subscribe(harness, { member: 'ben', concurrency: 1, on: () => held.passed });
      const anna = await subscribe(harness, { member: 'anna' });
      await harness.publish([forBen('a1'), forBen('a2'), forBen('b1')]);
      await until(harness, 'ben has one in hand', () => ben.ids().length === 1);
      const closing = ben.subscription.close();
      held.open();
      await settled(harness, 'close', closing);
      await quiet(harness);
      assert.deepEqual(anna.ids(), []);
      const back = await subscribe(harness, { member: 'ben' });
      await until(harness, 'ben has the rest', () => back.ids().length >= 2);
      await quiet(harness);
      assert.deepEqual([...ben.ids(), ...back.ids()].sort(), ['a1', 'a2', 'b1']);
    },
  },
  {
    name: 'lists the members that are subscribed now',
    async run(harness) {
      const members = async () => [...(await harness.bus.members(harness.topic, GROUP))].sort();
      assert.deepEqual(await members(), []);
      const anna = await subscribe(harness, { member: 'anna' });
      await subscribe(harness, { member: 'ben' });
      await subscribe(harness, { member: 'cleo', group: 'other' });
      await until(harness, 'both are listed', async () => (await members()).length === 2);
      assert.deepEqual(await members(), ['anna', 'ben']);
      await settled(harness, 'close', anna.subscription.close());
      await until(harness, 'one is listed', async () => (await members()).length === 1);
      assert.deepEqual(await members(), ['ben']);
    },
  },
];
