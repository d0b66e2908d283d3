/** CloudEvents `type` of what is published when a message becomes a dead letter. */
export const DEAD_LETTER = 'tutti.dead-letter.v1';

const SUFFIX = '.dlq';

/** Where whoever must act on a topic's dead letters subscribes; a topic of its own, with groups and retries. */
export function deadLetterTopic(topic: string): string {
  return `${topic}${SUFFIX}`;
}

export function isDeadLetterTopic(topic: string): boolean {
  return topic.endsWith(SUFFIX);
}
