import { TuttiError } from '@tutti/kernel';

/** Kinds of the client's errors that a broker which comes back, or a new connection, mends. */
const PASSING = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSStaleTopicMetadataAssignment',
  'KafkaJSTimeout',
  'KafkaJSLockTimeout',
]);

/** Kinds of errors of the broker that only other configuration or other data mends. */
const LASTING = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  'POLICY_VIOLATION',
]);

interface ClientError {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly retriable?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
}

/** Whether the same may succeed later without anybody changing anything. */
export function isPassing(error: unknown): boolean {
  for (let found = error as ClientError | null | undefined, depth = 0; found !== null && found !== undefined && depth < 5; depth += 1) {
    if (typeof found.type === 'string' && LASTING.has(found.type)) return false;
    if (found.name === 'KafkaJSSASLAuthenticationError') return false;
    if (typeof found.name === 'string' && PASSING.has(found.name) && found.cause === undefined) return true;
    if (found.retriable === true) return true;
    found = found.cause as ClientError | null | undefined;
  }
  const { name, message } = (error ?? {}) as ClientError;
  return (
    (typeof name === 'string' && PASSING.has(name)) || (typeof message === 'string' && /disconnected|closed connection/i.test(message))
  );
}

/** Whether a topic that was there is there no more, by what the broker said. */
export function isTopicGone(error: unknown): boolean {
  return isOfType(error, ['UNKNOWN_TOPIC_OR_PARTITION']);
}

/** Whether the broker takes no batch of messages that is so large: its topic takes less than those that Tutti makes. */
export function isTooLarge(error: unknown): boolean {
  return isOfType(error, ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
}

function isOfType(error: unknown, types: readonly string[]): boolean {
  for (let found = error as ClientError | null | undefined, depth = 0; found !== null && found !== undefined && depth < 5; depth += 1) {
    if (typeof found.type === 'string' && types.includes(found.type)) return true;
    found = found.cause as ClientError | null | undefined;
  }
  return false;
}

export function faultText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What callers are told when the broker did not do what it was asked to. */
export function brokerFault(what: string, error: unknown): TuttiError {
  if (isTooLarge(error))
    return new TuttiError('PAYLOAD_TOO_LARGE', `${what}: the broker of Kafka does not take it: ${faultText(error)}`, { cause: error });
  const retryable = isPassing(error);
  return new TuttiError('STORE_UNAVAILABLE', `${what}: the broker of Kafka did not do it: ${faultText(error)}`, {
    retryable,
    cause: error,
  });
}
