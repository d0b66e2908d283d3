import { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.js';
import { TRANSPORT_STATUS, type ErrorKind } from './error-kinds.js';
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
 * copies of a package have two classes, and a module loaded into another realm has other built-ins.
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

/** Goes by the shape alone, so it holds for errors of another copy of this package and of another realm. */
export function isTuttiError(error: unknown, code?: ErrorCode): error is TuttiError {
  if (typeof error !== 'object' || error === null) return false;
  const found = error as { readonly [Member in keyof TuttiError]?: unknown };
  if (found.name !== 'TuttiError' || typeof found.message !== 'string' || typeof found.retryable !== 'boolean') return false;
  if (typeof found.kind !== 'string' || !Object.hasOwn(TRANSPORT_STATUS, found.kind)) return false;
  return typeof found.code === 'string' && isErrorCode(found.code) && (code === undefined || found.code === code);
}

/** Any thrown value as a TuttiError; what is not one becomes INTERNAL with the original as cause. */
export function toTuttiError(error: unknown): TuttiError {
  return isTuttiError(error) ? error : new TuttiError('INTERNAL', messageOf(error), { cause: error });
}

/** Never throws: what was thrown may have no text form at all, like an object without a prototype. */
function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && typeof thrown.message === 'string') return thrown.message;
  try {
    return String(thrown);
  } catch {
    return 'something without a text form was thrown';
  }
}
