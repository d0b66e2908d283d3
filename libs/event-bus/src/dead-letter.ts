import type { JsonValue } from '@tutti/kernel';
import { DEAD_LETTER, isDeadLetterTopic } from './dead-letter-topic.js';
import type { BusMessage, DeadLetter, FailedDelivery } from './event-bus.port.js';

const KEPT_ATTEMPTS = 20;
const MAX_ERROR_CHARACTERS = 2_000;

/** The story with one more rejection, as long as it may be. */
export function withAttempt(attempts: readonly FailedDelivery[], attempt: FailedDelivery): readonly FailedDelivery[] {
  return [...attempts, { ...attempt, error: attempt.error.slice(0, MAX_ERROR_CHARACTERS) }].slice(-KEPT_ATTEMPTS);
}

/** What is published of a letter; null where nothing is. The same letter always has the same id. */
export function deadLetterMessage({ cursor: _, ...letter }: DeadLetter): BusMessage | null {
  const { topic, group, offset, time, key, traceparent } = letter;
  if (isDeadLetterTopic(topic)) return null;
  const trace = traceparent === undefined ? {} : { traceparent };
  return { id: `${group}/${offset}/${time}`, type: DEAD_LETTER, key, payload: letter as unknown as JsonValue, ...trace };
}
