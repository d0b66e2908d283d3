import { EVENT_TOPICS, PUBLIC_CATEGORIES, publicEvent, TOPIC_VIEWS } from '@tutti/contracts';
import type { TopicView } from '@tutti/event-bus';
import type { EventFilter } from '@tutti/event-store';
import { streamCategory, type RecordedEvent } from '@tutti/kernel';
import type { RelayRoute, RoutedMessage } from './relay-ports.js';

type CategorisedView = TopicView & { readonly filter: { readonly categories: readonly string[] } };

/** Recorded events for everybody, each on the topic of its category. */
const publicEvents: RelayRoute = {
  topics: EVENT_TOPICS,
  filter: { categories: PUBLIC_CATEGORIES },
  messages(event) {
    const given = publicEvent(event);
    return given === null ? [] : [given];
  },
};

/** All that goes from the log to topics. */
export const RELAY_ROUTES: readonly RelayRoute[] = [...TOPIC_VIEWS.map(viewRoute), publicEvents];

/** What the embedded bus reads straight from the log under the same topic, ids, keys and members. */
export function viewRoute({ topic, filter, messages }: CategorisedView): RelayRoute {
  return {
    topics: [topic],
    filter,
    messages: (event) =>
      messages(event).map((message) => ({
        topic,
        message: {
          ...message,
          headers: {
            ce_subject: event.stream,
            ce_time: event.time,
            ce_partitionkey: message.key,
            'tutti-revision': String(event.revision),
            'tutti-position': String(event.position),
            ...(message.traceparent === undefined ? {} : { ce_traceparent: message.traceparent }),
          },
        },
      })),
  };
}

/** What any of the routes wants. */
export function filterOf(routes: readonly RelayRoute[]): EventFilter {
  return { categories: [...new Set(routes.flatMap(({ filter }) => filter.categories))] };
}

/** @throws what a route throws for an event that it cannot turn into messages */
export function messagesFor(routes: readonly RelayRoute[], event: RecordedEvent): readonly RoutedMessage[] {
  const category = streamCategory(event.stream);
  const wanted = ({ filter: { categories, types } }: RelayRoute) => categories.includes(category) && types?.includes(event.type) !== false;
  return routes.filter(wanted).flatMap((route) => route.messages(event));
}
