import { isErrorCode, toTuttiError, TuttiError, type JsonValue } from '@tutti/kernel';

/** A TuttiError between two processes; its cause stays where it happened. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details?: JsonValue;
  readonly retryable: boolean;
}

export function toWireError(error: unknown): WireError {
  const { code, message, details, retryable } = toTuttiError(error);
  return { code, message, retryable, ...(details !== undefined && { details }) };
}

export function fromWireError({ code, message, details, retryable }: WireError): TuttiError {
  const known = isErrorCode(code) ? code : 'INTERNAL';
  return new TuttiError(known, known === code ? message : `${code}: ${message}`, {
    retryable,
    ...(details !== undefined && { details }),
  });
}
