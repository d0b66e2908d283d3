import { createInMemoryEventStore } from '../in-memory/in-memory-event-store.js';
import { describeEventStoreContract } from '../testing/event-store-contract.js';
import { inMemoryHarness } from '../testing/in-memory-harness.js';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import type { EventStore } from '../event-store.port.js';
import { SharedTail } from './shared-tail.js';

const { timers } = createProcessRuntime();

/** The same store, with a tail that is closed together with it. */
function withSharedTail(events: number): typeof createInMemoryEventStore {
  return (runtime, log) => {
    const store = createInMemoryEventStore(runtime, log);
    const inner: EventStore & { close(): Promise<void> } = Object.create(store) as typeof store;
    const tail = new SharedTail({ store, timers, limits: { events, units: 1_000_000 } });
    return Object.assign(inner, {
      subscribe: tail.subscribe.bind(tail),
      close: async () => {
        await tail.close();
        await store.close();
      },
    });
  };
}

describeEventStoreContract('a store with a shared tail', inMemoryHarness(withSharedTail(4_000)));
describeEventStoreContract('a store whose shared tail is shorter than most batches', inMemoryHarness(withSharedTail(3)));
