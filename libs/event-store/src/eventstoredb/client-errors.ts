import { AccessDeniedError, ErrorType, isCommandError } from '@eventstore/db-client';
import { isTuttiError, TuttiError } from '@tutti/kernel';

const PASSING: readonly string[] = [
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.NOT_LEADER,
];

/** The server did not answer in time; what was asked for may have happened. */
export class NoAnswer extends Error {}

/** The server may answer when it is asked again: it is away, busy, or not the leader any more. What was asked for may have happened all the same. */
export function isPassing(error: unknown): boolean {
  return error instanceof NoAnswer || (isCommandError(error as Error) && PASSING.includes((error as { readonly type: string }).type));
}

export function isType(error: unknown, type: ErrorType): boolean {
  return isCommandError(error as Error) && (error as { readonly type: ErrorType }).type === type;
}

export function storeError(thrown: unknown): TuttiError {
  if (isTuttiError(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof AccessDeniedError)
    return new TuttiError('INVALID_CONFIG', `EventStoreDB refuses the credentials of the connection: ${message}`, { cause: thrown });
  if (isPassing(thrown))
    return new TuttiError('STORE_UNAVAILABLE', `EventStoreDB does not answer: ${message}`, { cause: thrown, retryable: true });
  return new TuttiError('STORE_UNAVAILABLE', `EventStoreDB: ${message}`, { cause: thrown });
}
