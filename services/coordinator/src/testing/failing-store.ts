import type { EventStore } from '@tutti/event-store';

/** The store, but for appends to runs, which first ask `beforeAppend`: what it throws is their answer, and nothing is written. */
export function failingStore(inner: EventStore, beforeAppend: (stream: string) => void): EventStore {
  return {
    append: async (stream, events, expected) => {
      await Promise.resolve();
      if (stream.startsWith('run-')) beforeAppend(stream);
      return inner.append(stream, events, expected);
    },
    readStream: (stream, options) => inner.readStream(stream, options),
    readAll: (options) => inner.readAll(options),
    subscribe: (options) => inner.subscribe(options),
    head: () => inner.head(),
    loadSnapshot: (stream) => inner.loadSnapshot(stream),
    saveSnapshot: (stream, snapshot) => inner.saveSnapshot(stream, snapshot),
  };
}
