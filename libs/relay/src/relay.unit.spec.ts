import { afterEach, describe, expect, it } from '@jest/globals';
import type { Relay, RelayOptions } from './relay.js';
import { RelayFixture } from './testing/relay-fixture.js';
import { LosingProducer, ReorderingProducer } from './testing/faulty-producers.js';
import { MemoryProducer } from './testing/memory-broker.js';

describe('the relay', () => {
  let system = new RelayFixture();
  const relays: Relay[] = [];
  const started = (...given: Parameters<RelayFixture['relay']>): Relay => {
    const relay = system.relay(...given);
    relay.start();
    relays.push(relay);
    return relay;
  };
  afterEach(async () => {
    for (const relay of relays.splice(0)) await system.stop(relay);
    system = new RelayFixture();
  });

  it('publishes what is there and what comes, each stream in order', async () => {
    await system.recordMany(300, 10);
    const relay = started(new MemoryProducer(system.broker));
    await system.runtime.advance(10);
    await system.recordMany(300, 10);
    await system.runtime.advance(10);
    expect(system.consumed()).toEqual({ faults: [], repeats: 0 });
    expect(relay.state()).toMatchObject({
      status: 'publishing',
      lag: 0,
      published: 600,
      fault: null,
      // What came in one moment was gathered.
      lastPublishedAt: '2026-01-01T00:00:00.020Z',
    });
  });

  it('publishes at once what comes now and then', async () => {
    const producer = new MemoryProducer(system.broker);
    started(producer);
    await system.runtime.advance(100);
    for (let turn = 1; turn <= 100; turn++) {
      await system.recordMany(1, 1);
      await system.runtime.advance(0);
      expect(system.events()).toHaveLength(turn);
      await system.runtime.advance(10);
    }
  });

  it('gathers what comes thick, for 10 ms at most', async () => {
    const producer = new MemoryProducer(system.broker);
    started(producer);
    await system.runtime.advance(100);
    for (let turn = 0; turn < 500; turn++) {
      await system.recordMany(1, 1);
      await system.runtime.advance(1);
    }
    expect(producer.calls).toBeLessThanOrEqual(10 + 50);
    await system.runtime.advance(10);
    expect(system.events()).toHaveLength(500);
    expect(system.consumed()).toEqual({ faults: [], repeats: 0 });
  });

  it('waits for nothing with a batch that has all it may have', async () => {
    await system.recordMany(1_000, 10);
    started(new MemoryProducer(system.broker), { maxBatchEvents: 20 });
    await system.runtime.advance(0);
    expect(system.events()).toHaveLength(1_000);
  });

  it('comes back soon to a store that goes away now and then', async () => {
    const ends: ((error: Error) => void)[] = [];
    const store: RelayOptions['store'] = {
      head: () => system.store.head(),
      subscribe: (options) => {
        const source = system.store.subscribe(options);
        const ended = new Promise<void>((_, reject) => ends.push(reject));
        ended.catch(() => {});
        return { ...source, ended, close: () => source.close() };
      },
    };
    started(new MemoryProducer(system.broker), {}, { store });
    for (let turn = 1; turn <= 10; turn++) {
      await system.recordMany(1, 1);
      await system.runtime.advance(200);
      expect(system.events()).toHaveLength(turn);
      ends.at(-1)?.(new Error('the store went away'));
      await system.runtime.advance(0);
    }
  });

  it.each([
    ['reorders what it takes', ReorderingProducer, /came after/],
    ['loses what it acknowledged', LosingProducer, /came after|nothing behind/],
  ])('cannot make up for a broker that %s, which its tests see', async (_, Faulty, found) => {
    await system.recordMany(300, 10);
    started(new Faulty(system.broker));
    await system.runtime.advance(1_000);
    expect(system.consumed().faults.join('\n')).toMatch(found);
  });

  it('repeats a batch whose answer was lost, or of which the broker took a part, before it goes on', async () => {
    await system.recordMany(2_000, 20);
    const answers = [false, true, 7, false, 40, true];
    started(new MemoryProducer(system.broker, async () => answers.shift() ?? false), { maxBatchEvents: 100 });
    await system.runtime.advance(10_000);
    const { faults, repeats } = system.consumed();
    expect(faults).toEqual([]);
    expect(repeats).toBe(100 + 7 + 40 + 100);
  });

  it('goes on from its checkpoint, wherever it is killed', async () => {
    const { runtime, random } = system;
    const slow = () => new Promise<boolean>((resolve) => runtime.timers.after(random.next() * 20, () => resolve(random.next() < 0.1)));
    let left = 20;
    while (left-- > 0) {
      const producer = new MemoryProducer(system.broker, slow);
      const seats = [system.seats.seat()];
      // A process that was killed takes no seat again.
      const seat = () =>
        seats.pop() ?? { take: () => new Promise<void>(() => {}), onLost: () => () => {}, sureForMs: () => 1, leave: async () => {} };
      const relay = system.relay(producer, { maxBatchEvents: 10, noteEveryMs: 30 }, { seat });
      relay.start();
      await system.recordMany(100, 20);
      await runtime.advance(random.next() * 150);
      producer.kill();
      // The next one has the seat before this one knows.
      system.seats.takeAway();
    }
    started(new MemoryProducer(system.broker));
    await runtime.advance(1_000);
    const { faults, repeats } = system.consumed();
    expect(faults).toEqual([]);
    expect(repeats).toBeGreaterThan(0);
  });

  it('begins at the beginning when the checkpoint is lost, or is of a log that is no more', async () => {
    await system.recordMany(50, 5);
    const first = started(new MemoryProducer(system.broker));
    await system.runtime.advance(10);
    await system.stop(first);
    for (const [note, times] of [
      [null, 2],
      [10_000, 3],
    ] as const) {
      system.broker.note = note;
      started(new MemoryProducer(system.broker));
      await system.runtime.advance(60_000);
      await system.stop(relays.pop()!);
      expect(system.events()).toHaveLength(50 * times);
    }
    expect(system.logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('goes on behind the last event, also of a store that keeps other things behind it', async () => {
    const store: RelayOptions['store'] = {
      head: () => system.store.head(),
      subscribe: (options) => system.store.subscribe({ ...options, onBatch: (events, head) => options.onBatch(events, head + 1_000) }),
    };
    for (const round of [1, 2]) {
      await system.recordMany(50, 5);
      const relay = started(new MemoryProducer(system.broker), {}, { store });
      await system.runtime.advance(60_000);
      await system.stop(relay);
      expect(system.events()).toHaveLength(50 * round);
      expect(system.broker.note).toBe(system.recorded.at(-1)?.position);
    }
  });

  it('notes how far it got at most every 200 ms, and at the end', async () => {
    const relay = started(new MemoryProducer(system.broker));
    for (let turn = 0; turn < 50; turn++) {
      await system.recordMany(1, 1);
      await system.runtime.advance(20);
    }
    expect(system.broker.notes).toBeGreaterThanOrEqual(4);
    expect(system.broker.notes).toBeLessThanOrEqual(5);
    await system.recordMany(1, 1);
    await system.runtime.advance(1);
    await system.stop(relay);
    expect(system.broker.note).toBe(system.recorded.at(-1)?.position);
  });

  it('writes a note that is due in the turn in which a batch goes out, so that they share a request', async () => {
    const { broker, runtime } = system;
    const asked: string[] = [];
    class Told extends MemoryProducer {
      override publish(...given: Parameters<MemoryProducer['publish']>): Promise<void> {
        asked.push('batch');
        return super.publish(...given);
      }

      override save(position: number): Promise<void> {
        asked.push('note');
        return super.save(position);
      }
    }
    started(new Told(broker));
    await runtime.advance(100);
    const turns: string[] = [];
    for (let turn = 0; turn < 100; turn++) {
      await system.recordMany(1, 1);
      await runtime.advance(20);
      turns.push(asked.splice(0).sort().join(' and '));
    }
    const withNote = turns.filter((turn) => turn.includes('note'));
    expect(new Set(withNote)).toEqual(new Set(['batch and note']));
    expect(withNote.length).toBeGreaterThanOrEqual(8);
    expect(withNote.length).toBeLessThanOrEqual(10);
  });

  it('publishes and notes nothing more once it lost its seat, and lets the next one', async () => {
    const answers: (() => void)[] = [];
    const first = new MemoryProducer(system.broker, () => new Promise((resolve) => answers.push(() => resolve(false))));
    started(first, { maxBatchEvents: 1 });
    const second = new MemoryProducer(system.broker);
    started(second);
    await system.recordMany(10, 1);
    await system.runtime.advance(10);
    expect([first.calls, second.calls]).toEqual([1, 0]);
    system.seats.takeAway();
    await system.runtime.advance(10);
    for (const answer of answers) answer();
    await system.runtime.advance(1_000);
    expect(first.calls).toBe(1);
    expect(system.consumed().faults).toEqual([]);
  });

  it('asks the seat first after its process stood still', async () => {
    let standingStill = false;
    const { runtime } = system;
    const timers = {
      ...runtime.timers,
      after: (ms: number, callback: () => void) => runtime.timers.after(standingStill ? ms + 60_000 : ms, callback),
    };
    const producer = new MemoryProducer(system.broker);
    started(producer, {}, { runtime: { clock: runtime.clock, timers } });
    await runtime.advance(100);
    standingStill = true;
    await runtime.advance(30_000);
    standingStill = false;
    // Due since long, but its turn is after what the store has for the relay.
    runtime.timers.after(0, () => system.seats.takeAway());
    const before = producer.calls;
    await system.recordMany(1, 1);
    await runtime.advance(0);
    expect(producer.calls).toBe(before);
  });

  it('publishes nothing while it cannot be sure of its seat, and nothing more when it turns out to be lost', async () => {
    const producer = new MemoryProducer(system.broker);
    started(producer);
    await system.runtime.advance(100);
    system.seats.sure = false;
    await system.recordMany(10, 2);
    await system.runtime.advance(2_000);
    expect(producer.calls).toBe(0);
    system.seats.sure = true;
    await system.runtime.advance(100);
    const before = producer.calls;
    expect(system.consumed().faults).toEqual([]);
    started(new MemoryProducer(system.broker));
    system.seats.sure = false;
    await system.recordMany(10, 2);
    await system.runtime.advance(1_000);
    system.seats.takeAway();
    system.seats.sure = true;
    await system.runtime.advance(10_000);
    expect(producer.calls).toBe(before);
    expect(system.consumed().faults).toEqual([]);
  });

  it('goes on when nobody says for long whose seat it is: then nobody can take it, and runs wait for their commands', async () => {
    started(new MemoryProducer(system.broker));
    await system.runtime.advance(100);
    system.seats.sure = false;
    await system.recordMany(10, 2);
    await system.runtime.advance(4_000);
    await system.recordMany(10, 2);
    await system.runtime.advance(10);
    expect(system.consumed()).toEqual({ faults: [], repeats: 0 });
    expect(system.logged.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('waits for a broker that is away, says so once when it goes and once when it is back', async () => {
    const relay = started(new MemoryProducer(system.broker));
    await system.recordMany(10, 2);
    await system.runtime.advance(1_000);
    system.broker.away = true;
    await system.recordMany(10, 2);
    await system.runtime.advance(60_000);
    expect(relay.state()).toMatchObject({ status: 'waiting', lag: 10, fault: { reason: 'the broker is away' } });
    system.broker.away = false;
    await system.runtime.advance(5_000);
    expect(relay.state()).toMatchObject({ status: 'publishing', lag: 0, fault: null });
    expect(system.consumed()).toEqual({ faults: [], repeats: 0 });
    expect(system.logged.map(({ message }) => message)).toEqual([
      'the relay publishes',
      'the relay waits for the broker',
      'the relay goes on',
    ]);
  });

  it('begins as soon as the broker is there', async () => {
    system.broker.away = true;
    await system.recordMany(10, 2);
    const relay = started(new MemoryProducer(system.broker));
    await system.runtime.advance(20_000);
    expect(relay.state()).toMatchObject({ status: 'waiting', position: null });
    system.broker.away = false;
    await system.runtime.advance(5_000);
    expect(system.consumed().faults).toEqual([]);
  });

  it('reads no further ahead of a broker that takes nothing than there is room for', async () => {
    system.broker.away = false;
    const hanging = new MemoryProducer(system.broker, () => new Promise(() => {}));
    const relay = system.relay(hanging, { maxQueuedEvents: 50, maxBatchEvents: 20 });
    relay.start();
    await system.recordMany(1_000, 10);
    await system.runtime.advance(1_000);
    expect(relay.state().head! - system.recorded[0]!.position).toBeLessThan(120);
    hanging.kill();
  });

  it('stops at an event that it cannot turn into a message, names it, and leaves the seat to another that can', async () => {
    await system.recordMany(10, 2);
    const strange = await system.record('run-0', 'TaskScheduled', { task: 'later' }, 99);
    await system.recordMany(10, 2);
    const relay = started(new MemoryProducer(system.broker));
    await system.runtime.advance(1_000);
    const { id, type, stream, revision, position } = strange;
    expect(relay.state()).toMatchObject({ status: 'stuck', fault: { event: { id, type, stream, revision, position } } });
    expect(system.events()).toHaveLength(10);
    expect(system.logged.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(system.broker.note).toBe(system.recorded[9]?.position);
    started(new MemoryProducer(system.broker), {}, { routes: [{ topics: [], filter: { categories: ['run'] }, messages: () => [] }] });
    await system.runtime.advance(1_000);
    expect(system.broker.note).toBe(system.recorded.at(-1)?.position);
  });

  it('publishes everything before a message that the broker will never take, then stops', async () => {
    await system.recordMany(20, 2);
    const producer = new MemoryProducer(system.broker);
    producer.refuse(system.recorded[12]!.id);
    const relay = started(producer);
    await system.runtime.advance(1_000);
    expect(relay.state()).toMatchObject({ status: 'stuck', fault: { event: { id: system.recorded[12]?.id } } });
    expect(system.events().map(({ id }) => id)).toEqual(system.recorded.slice(0, 12).map(({ id }) => id));
  });
});
