import { beforeEach, describe, expect, it } from '@jest/globals';
import { createManualRuntime, type ManualRuntime } from '@tutti/kernel/testing';
import type { Delivery } from '../event-bus.port.js';
import { DeliveryCounts } from './delivery-counts.js';
import { Dispatcher } from './dispatcher.js';
import { OffsetLedger } from './offset-ledger.js';
import { PartitionIntake } from './partition-intake.js';

const MAX_BEHIND_RETRY = 3;

/** One partition and a dispatcher, without a broker: `log` is what stands in the partition. */
class Reading {
  readonly runtime: ManualRuntime = createManualRuntime();
  readonly log: string[] = [];
  readonly handled: string[] = [];
  readonly dead: string[] = [];
  readonly rereads: number[] = [];
  readonly counts = new DeliveryCounts();
  inMemory = 0;
  mostInMemory = 0;
  handle: (delivery: Delivery) => Promise<void> = async () => {};
  readonly intake: PartitionIntake;
  readonly dispatcher: Dispatcher;

  constructor(concurrency = 2) {
    const options = { topic: 'topic', group: 'group', member: 'anna', concurrency, maxDeliveries: 3, retryDelayMs: 100 };
    this.dispatcher = new Dispatcher(
      {
        ...options,
        handle: async (delivery) => {
          await this.handle(delivery);
          this.handled.push(delivery.id);
        },
      },
      this.runtime,
      {
        onDone: () => {},
        onReread: (_, offset) => {
          this.rereads.push(offset);
          this.readOn();
        },
        onRejected: () => {},
        bury: async (entry) => void this.dead.push(entry.message.id),
        onError: (error) => {
          throw error;
        },
      },
    );
    this.intake = new PartitionIntake(0, {
      onReady: (lane) => this.dispatcher.ready(lane),
      onCount: (change) => {
        this.inMemory += change;
        this.mostInMemory = Math.max(this.mostInMemory, this.inMemory);
      },
      onDropped: (entry) => this.counts.remember('group', entry),
      onTaken: (entry) => this.counts.recall('group', entry),
      maxBehindRetry: MAX_BEHIND_RETRY,
    });
    this.intake.begin(new OffsetLedger(0));
  }

  async arrive(...ids: readonly string[]): Promise<void> {
    this.log.push(...ids);
    this.readOn();
    await this.runtime.advance(0);
  }

  /** Reads from where the intake is, as a fetch does. */
  readOn(): void {
    for (let offset = this.intake.next; offset < this.log.length; offset++) {
      const id = this.log[offset] ?? '';
      this.intake.take(offset, () => (id === 'other' ? null : { message: { id, type: 't', key: id.slice(0, 1), payload: null } }));
    }
  }
}

describe('handing over the messages of a partition', () => {
  let reading: Reading;
  beforeEach(() => {
    reading = new Reading();
  });

  it('has behind it what was handled and what is for others', async () => {
    await reading.arrive('a1', 'other', 'b1');
    expect(reading.handled).toEqual(['a1', 'b1']);
    expect(reading.intake.ledger.low).toBe(3);
  });

  it('counts as done what is not there any more', async () => {
    reading.intake.take(5, () => ({ message: { id: 'a1', type: 't', key: 'a', payload: null } }));
    reading.intake.readUpTo(9);
    await reading.runtime.advance(0);
    expect([reading.handled, reading.intake.ledger.low]).toEqual([['a1'], 9]);
  });

  it('stays before what is in hand, and notes what is done behind it', async () => {
    let open = () => {};
    reading.handle = ({ id }) => (id === 'a1' ? new Promise((resolve) => (open = resolve)) : Promise.resolve());
    await reading.arrive('a1', 'b1', 'a2');
    expect([reading.intake.ledger.low, reading.intake.ledger.isDone(1), reading.intake.ledger.openBelow(3)]).toEqual([0, true, 2]);
    open();
    await reading.runtime.advance(0);
    expect([reading.handled, reading.intake.ledger.low]).toEqual([['b1', 'a1', 'a2'], 3]);
  });

  it('keeps few of a key in memory behind a retry, and reads the others again in order', async () => {
    let broken = true;
    reading.handle = async ({ id }) => {
      if (broken && id === 'a0') throw new Error('not yet');
    };
    await reading.arrive(...Array.from({ length: 50 }, (_, index) => `a${index}`));
    expect(reading.inMemory).toBe(1 + MAX_BEHIND_RETRY);
    await reading.arrive('b1', 'a50', 'c1');
    expect(reading.handled).toEqual(['b1', 'c1']);
    broken = false;
    await reading.runtime.advance(100);
    await reading.runtime.advance(0);
    expect(reading.handled).toEqual(['b1', 'c1', ...Array.from({ length: 51 }, (_, index) => `a${index}`)]);
    expect(reading.rereads).toEqual([1 + MAX_BEHIND_RETRY]);
    expect([reading.intake.ledger.low, reading.inMemory]).toEqual([53, 0]);
  });

  it('goes on behind a message that died', async () => {
    reading.handle = async ({ id }) => {
      if (id === 'a1') throw new Error('never');
    };
    await reading.arrive('a1', 'a2');
    await reading.runtime.advance(300);
    expect([reading.dead, reading.handled, reading.intake.ledger.low]).toEqual([['a1'], ['a2'], 2]);
  });

  it('lets go of all but what is in hand when the partition goes, and takes it up behind that when it comes back', async () => {
    let open = () => {};
    const begun: string[] = [];
    reading.handle = async ({ id }) => {
      begun.push(id);
      if (id === 'a1') await new Promise<void>((resolve) => (open = resolve));
      if (id === 'b1' && begun.filter((each) => each === 'b1').length === 1) throw new Error('not yet');
    };
    await reading.arrive('a1', 'b1', 'a2', 'c1');
    const dropped = reading.intake.stop();
    expect(dropped.map(({ message }) => message.id).sort()).toEqual(['a2', 'b1']);
    let drained = false;
    void reading.intake.drained().then(() => (drained = true));
    await reading.runtime.advance(10);
    expect([drained, begun]).toEqual([false, ['a1', 'b1', 'c1']]);
    // What another had committed by then knows less than this member.
    reading.intake.begin(new OffsetLedger(0));
    reading.readOn();
    await reading.runtime.advance(80);
    expect(begun).toEqual(['a1', 'b1', 'c1']);
    // A retry is not due sooner for that.
    await reading.runtime.advance(10);
    expect(begun).toEqual(['a1', 'b1', 'c1', 'b1']);
    open();
    await reading.runtime.advance(0);
    expect([drained, begun, reading.intake.ledger.low]).toEqual([true, ['a1', 'b1', 'c1', 'b1', 'a2'], 4]);
  });

  it('has no more in hand than its concurrency, over all keys', async () => {
    const opens: (() => void)[] = [];
    reading.handle = () => new Promise((resolve) => void opens.push(resolve));
    await reading.arrive('a1', 'b1', 'c1', 'd1');
    expect(opens).toHaveLength(2);
    opens[0]?.();
    await reading.runtime.advance(0);
    expect(opens).toHaveLength(3);
  });
});
