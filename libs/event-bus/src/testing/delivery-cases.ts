import assert from 'node:assert/strict';
import type { EventBusContractCase } from './event-bus-harness.js';
import { gate, GROUP, message, quiet, settled, subscribe, until } from './recording-member.js';

export const DELIVERY_CASES: readonly EventBusContractCase[] = [
  {
    name: 'gives every message as it was published, with its topic, an offset of its own and delivery 1',
    async run(harness) {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const sent = [message('a1', { traceparent, payload: { deep: [1, null, 'ü'] } }), message('b1'), message('c1', { payload: null })];
      await harness.publish(sent);
      const anna = await subscribe(harness);
      await until(harness, 'three deliveries', () => anna.deliveries.length >= 3);
      const byId = [...anna.deliveries].sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const [index, { topic, offset, delivery, ...rest }] of byId.entries()) {
        assert.deepEqual(rest, sent[index]);
        assert.equal(topic, harness.topic);
        assert.equal(typeof offset, 'string');
        assert.equal(delivery, 1);
      }
      assert.equal(new Set(byId.map(({ offset }) => offset)).size, 3);
    },
  },
  {
    name: 'gives each message to one member of each group',
    async run(harness) {
      const members = [
        await subscribe(harness, { member: 'anna' }),
        await subscribe(harness, { member: 'ben' }),
        await subscribe(harness, { member: 'cleo', group: 'other' }),
      ] as const;
      const ids = Array.from({ length: 40 }, (_, index) => `m${index}`);
      await harness.publish(ids.map((id) => message(id, { key: id })));
      const [anna, ben, cleo] = members;
      await until(harness, 'both groups have all', () => anna.ids().length + ben.ids().length >= 40 && cleo.ids().length >= 40);
      await quiet(harness);
      assert.deepEqual([...anna.ids(), ...ben.ids()].sort(), [...ids].sort());
      assert.deepEqual(cleo.ids().sort(), [...ids].sort());
    },
  },
  {
    name: 'handles the messages of a key in order and one at a time, also over two members',
    async run(harness) {
      const running = new Set<string>();
      const seen = new Map<string, string[]>();
      let together = 0;
      const on = async (delivery: { id: string; key: string }) => {
        if (running.has(delivery.key)) together += 1;
        running.add(delivery.key);
        await harness.bus.members(harness.topic, GROUP);
        seen.set(delivery.key, [...(seen.get(delivery.key) ?? []), delivery.id]);
        running.delete(delivery.key);
      };
      await subscribe(harness, { member: 'anna', on });
      await subscribe(harness, { member: 'ben', on });
      const keys = ['a', 'b', 'c', 'd', 'e'];
      const ids = Array.from({ length: 20 }, (_, index) => keys.map((key) => `${key}${index}`)).flat();
      await harness.publish(ids.slice(0, 50).map((id) => message(id)));
      await harness.publish(ids.slice(50).map((id) => message(id)));
      await until(harness, 'all handled', () => [...seen.values()].flat().length >= ids.length);
      assert.equal(together, 0, 'two of one key were in hand at once');
      for (const key of keys)
        assert.deepEqual(
          seen.get(key),
          ids.filter((id) => id.startsWith(key)),
        );
    },
  },
  {
    name: 'hands over messages of different keys at once, up to the member’s concurrency',
    async run(harness) {
      const held = gate();
      const anna = await subscribe(harness, { concurrency: 3, on: () => held.passed });
      await harness.publish(['a1', 'b1', 'c1', 'd1', 'e1'].map((id) => message(id)));
      await until(harness, 'three in hand', () => anna.deliveries.length >= 3);
      await quiet(harness);
      assert.equal(anna.deliveries.length, 3);
      held.open();
      await until(harness, 'all handed over', () => anna.deliveries.length === 5);
      assert.equal(anna.mostAtOnce, 3);
    },
  },
  {
    name: 'begins a new group at the earliest message, or after the latest where it asks for that',
    async run(harness) {
      await harness.publish([message('a1')]);
      const early = await subscribe(harness, { group: 'early' });
      const late = await subscribe(harness, { group: 'late', start: 'latest' });
      await until(harness, 'the early group has the first', () => early.ids().includes('a1'));
      await harness.publish([message('a2')]);
      await until(harness, 'both have the second', () => early.ids().includes('a2') && late.ids().includes('a2'));
      await quiet(harness);
      assert.deepEqual(early.ids(), ['a1', 'a2']);
      assert.deepEqual(late.ids(), ['a2']);
    },
  },
  {
    name: 'keeps to the position of a group that has one, wherever a later member would begin',
    async run(harness) {
      const first = await subscribe(harness);
      await harness.publish([message('a1')]);
      await until(harness, 'the first message', () => first.ids().length === 1);
      await settled(harness, 'close', first.subscription.close());
      await harness.publish([message('a2')]);
      const second = await subscribe(harness, { start: 'latest' });
      await until(harness, 'the second message', () => second.ids().length >= 1);
      await quiet(harness);
      assert.deepEqual(second.ids(), ['a2']);
    },
  },
];
