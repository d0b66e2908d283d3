import { AccessDeniedError, convertToCommandError, ErrorType, isCommandError } from '@eventstore/db-client';
import { isTuttiError, TuttiError } from '@tutti/kernel';

const PASSING: readonly string[] = [
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.NOT_LEADER,
];
/** How Node and OpenSSL say that they do not trust the other side, or that it does not speak TLS. */
const UNTRUSTED = /certificate|altnames|wrong version number|SSL routines|packet length too long/i;

/** The server did not answer in time, or the connection went; what was asked for may have happened. */
export class NoAnswer extends Error {}

/** The server may answer when it is asked again: it is away, busy, or not the leader any more. What was asked for may have happened all the same. */
export function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  return isCommandError(error as Error) && PASSING.includes((error as { readonly type: string }).type) && !isRefusal(error);
}

/** The server, or this side of the connection, does not want the other: asking again makes no sense. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof AccessDeniedError || (error instanceof Error && UNTRUSTED.test(error.message) && isType(error, ErrorType.UNAVAILABLE))
  );
}

export function isType(error: unknown, type: ErrorType): boolean {
  return isCommandError(error as Error) && (error as { readonly type: ErrorType }).type === type;
}

/** As the client itself would name what a call of gRPC ended with. */
export function commandError(error: unknown): Error {
  return error instanceof Error ? convertToCommandError(error) : new Error(String(error));
}

export function storeError(thrown: unknown): TuttiError {
  if (isTuttiError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof AccessDeniedError)
    return new TuttiError('INVALID_CONFIG', 'EventStoreDB refuses the credentials of the connection string, or what they may do', {
      cause: thrown,
    });
  if (isRefusal(thrown))
    return new TuttiError('INVALID_CONFIG', `EventStoreDB and this process do not agree on TLS (tls, tlsCAFile): ${message}`, {
      cause: thrown,
    });
  if (isPassing(thrown))
    return new TuttiError('STORE_UNAVAILABLE', `EventStoreDB does not answer: ${message}`, { cause: thrown, retryable: true });
  if (isType(thrown, ErrorType.STREAM_DELETED))
    return new TuttiError('STORE_UNAVAILABLE', `somebody ended the stream in EventStoreDB for ever: ${message}`, { cause: thrown });
  return new TuttiError('STORE_UNAVAILABLE', `EventStoreDB: ${message}`, { cause: thrown });
}

export function connectionClosed(): TuttiError {
  return new TuttiError('SHUTTING_DOWN', 'the connection to EventStoreDB is closed');
}
