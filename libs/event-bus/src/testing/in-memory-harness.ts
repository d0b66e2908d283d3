import { createManualRuntime } from '@tutti/kernel/testing';
import type { EventBusHarness } from './event-bus-harness.js';
import { MemoryEventBus, type BusRecords, type InMemoryEventBus } from '../in-memory/in-memory-event-bus.js';

/** A harness over a bus in memory, whole or faulty. */
export async function createInMemoryHarness(Bus: typeof MemoryEventBus = MemoryEventBus): Promise<EventBusHarness> {
  const runtime = createManualRuntime();
  const open = (records?: BusRecords): InMemoryEventBus => new Bus(runtime, records);
  let bus = open();
  const topic = 'tutti.test';
  return {
    get bus() {
      return bus;
    },
    topic,
    publish: (messages) => bus.publish(topic, messages),
    elapse: (ms) => runtime.advance(ms),
    async reopen() {
      bus = open(await bus.close());
    },
    async crash() {
      bus = open(bus.kill());
    },
    async close() {
      bus.kill();
    },
  };
}
