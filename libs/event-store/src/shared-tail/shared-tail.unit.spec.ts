import { createInMemoryEventStore } from '../in-memory/in-memory-event-store.js';
import { describeEventStoreContract } from '../testing/event-store-contract.js';
import { inMemoryHarness } from '../testing/in-memory-harness.js';
import { shareTail } from './share-tail.js';

/** Closed together with the store that it is of. */
function withSharedTail(maxEvents: number): typeof createInMemoryEventStore {
  return (runtime, log) => {
    const store = createInMemoryEventStore(runtime, log);
    const shared = shareTail(store, { maxEvents });
    const closeShared = shared.close.bind(shared);
    const close = async (): Promise<void> => {
      await closeShared();
      await store.close();
    };
    return Object.assign(shared, { close });
  };
}

describeEventStoreContract('a store with a shared tail', inMemoryHarness(withSharedTail(4_000)));
describeEventStoreContract('a store whose shared tail is shorter than most batches', inMemoryHarness(withSharedTail(3)));
