import { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.js';
import type { ErrorKind } from './error-kinds.js';
import type { JsonValue } from './json.js';

interface TuttiErrorOptions {
  /** Machine-readable particulars, safe to show to the caller. */
  readonly details?: JsonValue;
  readonly cause?: unknown;
  /** Whether the same call may succeed later. Taken from the code table when left out. */
  readonly retryable?: boolean;
}

/**
 * The one error that crosses boundaries. Recognise it with {@link isTuttiError} and its `code`, never with `instanceof`: two
 * copies of a package have two classes.
 */
export class TuttiError extends Error {
  override readonly name = 'TuttiError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly details: JsonValue | undefined;

  constructor(code: ErrorCode, message: string, options: TuttiErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.kind = ERROR_CODES[code].kind;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
    this.details = options.details;
  }
}

export function isTuttiError(error: unknown, code?: ErrorCode): error is TuttiError {
  if (!(error instanceof Error) || error.name !== 'TuttiError') return false;
  const found = (error as Partial<TuttiError>).code;
  return found !== undefined && isErrorCode(found) && (code === undefined || found === code);
}

/** Any thrown value as a TuttiError; what is not one becomes INTERNAL with the original as cause. */
export function toTuttiError(error: unknown): TuttiError {
  if (isTuttiError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TuttiError('INTERNAL', message, { cause: error });
}
