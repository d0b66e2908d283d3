import assert from 'node:assert/strict';
import type { EventBusContractCase } from './event-bus-harness.js';
import { message, rejectOnly, subscribe, until } from './recording-member.js';

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
      assert.deepEqual(anna.ids().sort(), ['a0', 'b1', 'c1']);
    },
  },
];
