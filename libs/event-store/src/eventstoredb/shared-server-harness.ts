import { BACKWARDS, END, EventStoreDBClient, type AllStreamResolvedEvent } from '@eventstore/db-client';
import { createProcessRuntime } from '../embedded/process-runtime.js';
import type { CreateEventStoreHarness } from '../testing/contract/contract-case.js';
import { openEventStoreDb, type EventStoreDbEventStore } from './eventstoredb-event-store.js';

/**
 * On a server that is there already, and others use: each harness has a prefix of its own and so a log that is empty at first. A crash is a client that nobody asks any more, and
 * that ends what it began as a server does for a process that was killed.
 */
export function sharedServerHarness(connectionString: string): CreateEventStoreHarness {
  return async () => {
    const runtime = createProcessRuntime();
    const prefix = `contract.${runtime.ids.next()}.`;
    const opened: EventStoreDbEventStore[] = [];
    const beginsAfter = await endOf(connectionString);
    const open = (): EventStoreDbEventStore => {
      const store = openEventStoreDb({ connectionString, runtime, prefix, beginsAfter });
      opened.push(store);
      return store;
    };
    return {
      store: open(),
      reopen: async () => {
        await opened.at(-1)?.close();
        return open();
      },
      crash: async () => open(),
      close: async () => void (await Promise.all(opened.map((store) => store.close()))),
    };
  };
}

/** Position of the last event of anybody's, -1 when there is none. */
async function endOf(connectionString: string): Promise<number> {
  const client = EventStoreDBClient.connectionString(connectionString);
  let end = -1;
  const last: AsyncIterable<AllStreamResolvedEvent> = client.readAll({ fromPosition: END, direction: BACKWARDS, maxCount: 1 });
  for await (const { event } of last) end = Number(event?.position.prepare ?? -1);
  await client.dispose();
  return end;
}
