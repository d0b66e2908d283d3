import assert from 'node:assert/strict';
import type { EventBusContractCase, EventBusHarness } from './event-bus-harness.js';
import { gate, GROUP, message, quiet, subscribe, until } from './recording-member.js';

const forBen = (id: string) => message(id, { member: 'ben' });
const forget = (harness: EventBusHarness, member: string) => harness.bus.forgetMember(harness.topic, GROUP, member);

/** Two messages wait for ben and one for cleo; anna, who is there, has read past them. */
async function twoWaitForBen(harness: EventBusHarness): Promise<void> {
  const anna = await subscribe(harness, { member: 'anna' });
  await harness.publish([forBen('a1'), message('c1', { member: 'cleo' }), forBen('a2'), message('b1')]);
  await until(harness, 'anna has hers', () => anna.ids().length === 1);
  await quiet(harness);
}

export const FORGETTING_CASES: readonly EventBusContractCase[] = [
  {
    name: 'drops what waits for a member that is forgotten, and nothing else',
    async run(harness) {
      await twoWaitForBen(harness);
      await forget(harness, 'ben');
      const ben = await subscribe(harness, { member: 'ben' });
      const cleo = await subscribe(harness, { member: 'cleo' });
      await until(harness, 'cleo has hers', () => cleo.ids().length === 1);
      await quiet(harness);
      assert.deepEqual(ben.ids(), []);
      assert.deepEqual(cleo.ids(), ['c1']);
    },
  },
  {
    name: 'forgets a member in one group only',
    async run(harness) {
      await twoWaitForBen(harness);
      const other = await subscribe(harness, { member: 'anna', group: 'other' });
      await until(harness, 'the other group has read on', () => other.ids().length === 1);
      await quiet(harness);
      await forget(harness, 'ben');
      const ben = await subscribe(harness, { member: 'ben', group: 'other' });
      await until(harness, 'ben has both in the other group', () => ben.ids().length >= 2);
      assert.deepEqual(ben.ids(), ['a1', 'a2']);
    },
  },
  {
    name: 'has what it dropped for a forgotten member gone after a close too',
    async run(harness) {
      await twoWaitForBen(harness);
      await forget(harness, 'ben');
      await harness.reopen();
      const ben = await subscribe(harness, { member: 'ben' });
      await harness.publish([forBen('a3')]);
      await until(harness, 'ben has what came later', () => ben.ids().includes('a3'));
      assert.deepEqual(ben.ids(), ['a3']);
    },
  },
  {
    name: 'forgets the same member again, and keeps for it what is published afterwards',
    async run(harness) {
      await twoWaitForBen(harness);
      await forget(harness, 'ben');
      await forget(harness, 'ben');
      await harness.publish([forBen('a3')]);
      await quiet(harness);
      const ben = await subscribe(harness, { member: 'ben' });
      await until(harness, 'ben has what came later', () => ben.ids().includes('a3'));
      assert.deepEqual(ben.ids(), ['a3']);
    },
  },
  {
    name: 'forgets what a member that closed had not begun, without waiting for what it has in hand',
    async run(harness) {
      const held = gate();
      await subscribe(harness, { member: 'anna' });
      const ben = await subscribe(harness, { member: 'ben', on: () => held.passed });
      await harness.publish([forBen('a1'), forBen('a2')]);
      await until(harness, 'ben has one in hand', () => ben.ids().length === 1);
      const closing = ben.subscription.close();
      await forget(harness, 'ben');
      held.open();
      await closing;
      const back = await subscribe(harness, { member: 'ben' });
      await quiet(harness);
      assert.deepEqual([...ben.ids(), ...back.ids()], ['a1']);
    },
  },
  {
    name: 'refuses to forget a member that is subscribed, or one without a name, and drops nothing',
    async run(harness) {
      const held = gate();
      const ben = await subscribe(harness, { member: 'ben', on: () => held.passed });
      await harness.publish([forBen('a1'), forBen('a2')]);
      await until(harness, 'ben has one in hand', () => ben.ids().length === 1);
      await assert.rejects(forget(harness, 'ben'), { code: 'INVALID_REQUEST' });
      await assert.rejects(forget(harness, ''), { code: 'INVALID_REQUEST' });
      held.open();
      await until(harness, 'ben has both', () => ben.ids().length >= 2);
      assert.deepEqual(ben.ids(), ['a1', 'a2']);
    },
  },
];
