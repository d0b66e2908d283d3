import type { EventStore } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';

/**
 * The store, but for appends to runs, which first ask `beforeAppend`: what it throws is their answer, and nothing is written. What `afterAppend` throws is their answer
 * though everything is.
 */
export function failingStore(
  inner: EventStore,
  beforeAppend: (stream: string) => void,
  afterAppend: (events: readonly RecordedEvent[]) => void = () => undefined,
): EventStore {
  return {
    append: async (stream, events, expected) => {
      await Promise.resolve();
      if (stream.startsWith('run-')) beforeAppend(stream);
      const appended = await inner.append(stream, events, expected);
      if (stream.startsWith('run-')) afterAppend(appended.events);
      return appended;
    },
    readStream: (stream, options) => inner.readStream(stream, options),
    readAll: (options) => inner.readAll(options),
    subscribe: (options) => inner.subscribe(options),
    head: () => inner.head(),
    loadSnapshot: (stream) => inner.loadSnapshot(stream),
    saveSnapshot: (stream, snapshot) => inner.saveSnapshot(stream, snapshot),
  };
}
