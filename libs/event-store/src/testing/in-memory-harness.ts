import type { Runtime } from '@tutti/kernel';
import { createManualRuntime } from '@tutti/kernel/testing';
import type { CreateEventStoreHarness } from './contract/contract-case.js';
import { createInMemoryEventStore, InMemoryLog, type InMemoryEventStore } from '../in-memory/in-memory-event-store.js';

type OpenInMemory = (runtime: Runtime, log: InMemoryLog) => InMemoryEventStore;

/** A crash leaves the old store running on a log that nobody looks at any more. */
export function inMemoryHarness(
  open: OpenInMemory = createInMemoryEventStore,
  emptyLog: () => InMemoryLog = () => new InMemoryLog(),
): CreateEventStoreHarness {
  return async () => {
    const runtime = createManualRuntime();
    let log = emptyLog();
    const opened = [open(runtime, log)];
    const openNext = () => {
      const next = open(runtime, log);
      opened.push(next);
      return next;
    };
    return {
      store: opened[0] as InMemoryEventStore,
      reopen: async () => {
        await opened.at(-1)?.close();
        return openNext();
      },
      crash: async () => {
        log = log.copy();
        return openNext();
      },
      close: async () => void (await Promise.all(opened.map((store) => store.close()))),
    };
  };
}
