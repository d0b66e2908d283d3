import type { EventStore } from '@tutti/event-store';
import { isTuttiError, type TuttiError } from '@tutti/kernel';

/**
 * The same store. A write that fails because the store takes no more until it is opened again is never answered: whoever asked for it asks the next host,
 * where it counts once, whether it reached the disk or not.
 *
 * @param onFailed called with each such failure
 */
export function watchWrites(store: EventStore, onFailed: (error: TuttiError) => void): EventStore {
  const watch = async <Result>(write: Promise<Result>): Promise<Result> => {
    try {
      return await write;
    } catch (error) {
      if (!isTuttiError(error, 'STORE_UNAVAILABLE')) throw error;
      onFailed(error);
      return new Promise(() => {});
    }
  };
  return {
    append: (stream, events, expected) => watch(store.append(stream, events, expected)),
    saveSnapshot: (stream, snapshot) => watch(store.saveSnapshot(stream, snapshot)),
    readStream: (stream, options) => store.readStream(stream, options),
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    head: () => store.head(),
    loadSnapshot: (stream) => store.loadSnapshot(stream),
  };
}
