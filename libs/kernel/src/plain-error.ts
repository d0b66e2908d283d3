import { isErrorCode } from './error-codes.js';
import type { JsonValue } from './json.js';
import { toTuttiError, TuttiError } from './tutti-error.js';

/** A TuttiError between two processes or threads; its cause stays where it happened. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonValue;
  readonly retryable: boolean;
}

export function toPlainError(error: unknown): PlainError {
  const { code, message, details, retryable } = toTuttiError(error);
  return { code, message, retryable, ...(details !== undefined && { details }) };
}

/** A code that is not known here, of another version, becomes INTERNAL and stays in the message. */
export function fromPlainError({ code, message, details, retryable }: PlainError): TuttiError {
  const known = isErrorCode(code) ? code : 'INTERNAL';
  return new TuttiError(known, known === code ? message : `${code}: ${message}`, {
    retryable,
    ...(details !== undefined && { details }),
  });
}
