import type { ErrorCode } from '@tutti/kernel';

/** What this library says itself, beside the codes of the server. */
type OwnCode =
  /** The address is none. */
  | 'INVALID_ADDRESS'
  /** No system runs where one was looked for. */
  | 'NOT_RUNNING'
  /** No answer came from the address. */
  | 'UNREACHABLE'
  /** What answered is no Tutti, or one whose answers this version cannot read. */
  | 'ANSWER_UNREADABLE'
  /** The caller's signal ended it; the signal's reason is the cause. */
  | 'ABORTED'
  /** The run ended, and not well. `details` has its own error. */
  | 'RUN_FAILED'
  | 'RUN_CANCELLED';

/** A newer server may have codes that this version does not know. */
export type ClientErrorCode = ErrorCode | OwnCode | (string & Record<never, never>);

interface ClientErrorOptions {
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean;
  /** How long the server asked to wait before that. */
  readonly retryAfterMs?: number;
  /** The server's machine-readable particulars, like `{problems}` for DEFINITION_INVALID. */
  readonly details?: unknown;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** The call it happened in, like `POST http://127.0.0.1:4700/v1/runs`. */
  readonly where?: string;
  readonly cause?: unknown;
}

/** Everything this library throws. Recognise it with {@link isClientError} and its `code`, never with `instanceof`. */
export class TuttiClientError extends Error {
  override readonly name = 'TuttiClientError';
  readonly code: ClientErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: unknown;
  readonly status: number | undefined;
  readonly where: string | undefined;

  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
    this.status = options.status;
    this.where = options.where;
  }
}

export function isClientError(error: unknown, code?: ClientErrorCode): error is TuttiClientError {
  return error instanceof Error && error.name === 'TuttiClientError' && (code === undefined || (error as TuttiClientError).code === code);
}

/** What a call ends with whose signal was aborted. */
export function aborted(signal: AbortSignal): TuttiClientError {
  return new TuttiClientError('ABORTED', 'the caller ended it', { cause: signal.reason });
}
