import { publicEvent } from '@tutti/contracts';
import type { RelayRoute } from '../../relay-ports.js';
import { RELAY_ROUTES } from '../../relay-routes.js';

/** What a relay of a test is told. */
export interface RelayTask {
  readonly folder: string;
  readonly brokers: readonly string[];
  /** Begins the names of its topics, so that tests may share a broker. */
  readonly prefix: string;
  readonly seed: number;
}

export const PARTITIONS = 4;
const CATEGORIES = ['run', 'conversation'];

/** The topics of tasks and messages, and of two categories of events. */
export function routesOf(prefix: string): readonly RelayRoute[] {
  const topicOf = (topic: string) => `${prefix}${topic}`;
  const events: RelayRoute = {
    topics: CATEGORIES.map((category) => `tutti.events.${category}`),
    filter: { categories: CATEGORIES },
    messages: (event) => [publicEvent(event)!],
  };
  return [...RELAY_ROUTES.slice(0, -1), events].map((route) => ({
    topics: route.topics.map(topicOf),
    filter: route.filter,
    messages: (event) => route.messages(event).map(({ topic, message }) => ({ topic: topicOf(topic), message })),
  }));
}

/** Between the one who has the seat to give and a relay. */
export type SeatMessage = 'wanted' | 'given' | 'left' | 'beat';
