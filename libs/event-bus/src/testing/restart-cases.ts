import assert from 'node:assert/strict';
import type { EventBusContractCase } from './event-bus-harness.js';
import { gate, message, quiet, settled, subscribe, until } from './recording-member.js';

export const RESTART_CASES: readonly EventBusContractCase[] = [
  {
    name: 'has what was published when the process is killed right after the answer',
    async run(harness) {
      await harness.publish([message('a1'), message('b1')]);
      await harness.crash();
      const anna = await subscribe(harness);
      await until(harness, 'both deliveries', () => anna.ids().length >= 2);
      assert.deepEqual(anna.ids().sort(), ['a1', 'b1']);
    },
  },
  {
    name: 'delivers again what was in hand when the process was killed, and what was behind it, in order',
    async run(harness) {
      const never = gate();
      const anna = await subscribe(harness, { on: ({ id }) => (id === 'a1' ? never.passed : undefined) });
      await harness.publish(['a1', 'a2', 'b1', 'b2'].map((id) => message(id)));
      await until(harness, 'one in hand, the other key handled', () => anna.ids().includes('a1') && anna.ids().includes('b2'));
      await harness.elapse(1_000);
      await harness.crash();
      const again = await subscribe(harness);
      await until(harness, 'both again', () => again.ids().filter((id) => id.startsWith('a')).length >= 2);
      assert.deepEqual(
        again.ids().filter((id) => id.startsWith('a')),
        ['a1', 'a2'],
      );
      assert.equal(again.deliveries.find(({ id }) => id === 'a1')?.delivery, 1);
    },
  },
  {
    name: 'keeps a message that waits for its retry, before the rest of its key, when the process is killed',
    async run(harness) {
      const anna = await subscribe(harness, {
        retryDelayMs: 60_000,
        on: ({ id }) => {
          if (id === 'a1') throw new Error('not yet');
        },
      });
      await harness.publish(['a1', 'a2', 'b1', 'b2'].map((id) => message(id)));
      await until(harness, 'the other key is handled', () => anna.ids().includes('a1') && anna.ids().includes('b2'));
      await harness.elapse(1_000);
      await harness.publish([message('a3')]);
      await harness.crash();
      const again = await subscribe(harness);
      await until(harness, 'all of the key', () => again.ids().filter((id) => id.startsWith('a')).length >= 3);
      assert.deepEqual(
        again.ids().filter((id) => id.startsWith('a')),
        ['a1', 'a2', 'a3'],
      );
    },
  },
  {
    name: 'waits on close for what is in hand, and hands over nothing more',
    async run(harness) {
      const held = gate();
      const anna = await subscribe(harness, { on: () => held.passed });
      await harness.publish([message('a1'), message('a2')]);
      await until(harness, 'one in hand', () => anna.ids().length === 1);
      let closed = false;
      const closing = anna.subscription.close().then(() => (closed = true));
      await quiet(harness);
      assert.equal(closed, false, 'closed with a message in hand');
      held.open();
      await settled(harness, 'close', closing);
      await harness.publish([message('b1')]);
      await quiet(harness);
      assert.deepEqual(anna.ids(), ['a1']);
    },
  },
  {
    name: 'delivers nothing again that was handled before a close, and the rest where it was left',
    async run(harness) {
      const anna = await subscribe(harness, {
        retryDelayMs: 60_000,
        on: ({ id }) => {
          if (id === 'a1') throw new Error('not yet');
        },
      });
      await harness.publish(['a1', 'a2', 'b1', 'b2', 'b3'].map((id) => message(id)));
      await until(harness, 'the other key is handled', () => anna.ids().includes('a1') && anna.ids().includes('b3'));
      await harness.reopen();
      await harness.publish([message('a3'), message('b4')]);
      const again = await subscribe(harness);
      await until(harness, 'the rest', () => again.ids().length >= 4);
      await quiet(harness);
      assert.deepEqual(
        again.ids().filter((id) => id.startsWith('a')),
        ['a1', 'a2', 'a3'],
      );
      assert.deepEqual(
        again.ids().filter((id) => id.startsWith('b')),
        ['b4'],
      );
    },
  },
  {
    name: 'counts deliveries on when a group closes and begins again in one process',
    async run(harness) {
      const options = {
        retryDelayMs: 60_000,
        on: () => {
          throw new Error('not yet');
        },
      };
      const anna = await subscribe(harness, options);
      await harness.publish([message('a1')]);
      await until(harness, 'the first delivery', () => anna.ids().length === 1);
      await quiet(harness);
      await settled(harness, 'close', anna.subscription.close());
      const again = await subscribe(harness, options);
      await until(harness, 'the second delivery', () => again.ids().length === 1);
      assert.equal(again.deliveries[0]?.delivery, 2);
    },
  },
];
