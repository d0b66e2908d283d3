import type { TopicView } from '@tutti/event-bus';

/** Each event of a `thing-` stream is a message, keyed by its stream. */
export const THINGS: TopicView = {
  topic: 'tutti.test.things',
  filter: { categories: ['thing'] },
  messages: ({ id, stream, type, revision }) => [{ id, type, key: stream, payload: { revision } }],
};
