import type { EventStore } from '@tutti/event-store';
import type { TopicView } from '../topic-view.js';
import type { TopicSource } from './topic-source.js';

const BATCH_EVENTS = 500;

/** A topic read straight from the log. */
export function createViewSource(store: EventStore, view: TopicView): TopicSource {
  return {
    head: () => store.head(),
    follow: (after, sink) =>
      store.subscribe({
        after,
        filter: view.filter,
        maxBatch: BATCH_EVENTS,
        onBatch(events, head) {
          for (const event of events) {
            const messages = view.messages(event);
            for (let index = 0; index < messages.length; index++) {
              const message = messages[index];
              if (message !== undefined) sink.take(event.position, index, message);
            }
          }
          return sink.batchTaken(head);
        },
      }),
  };
}
