import { isClientError, type TuttiClientError } from '@tutti/client/http';
import { isTuttiError } from '@tutti/kernel';
import { EXIT, exitCodeFor, type ExitCode } from './exit-codes.js';
import { problemsOf, type Problem } from './problem-document.js';

export type { Problem } from './problem-document.js';

interface FailureOptions {
  readonly exitCode: ExitCode;
  readonly cause?: unknown;
  /** Where it happened: a request, a log. */
  readonly where?: string;
  /** File that the problems' lines are of. */
  readonly source?: string;
  readonly problems?: readonly Problem[];
  readonly hint?: string;
  readonly retryable?: boolean;
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs?: number;
}

/**
 * Why a command ends without doing what it was told. `code` is one of the server's error codes, or one of the program's own: USAGE,
 * NOT_RUNNING, UNREACHABLE, INTERRUPTED, ANSWER_UNREADABLE, FILE_UNREADABLE, OUTPUT_REFUSED, RUN_FAILED.
 */
export class Failure extends Error {
  override readonly name = 'TuttiCliFailure';
  readonly code: string;
  readonly exitCode: ExitCode;
  readonly where: string | undefined;
  readonly source: string | undefined;
  readonly problems: readonly Problem[];
  readonly hint: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: string, message: string, options: FailureOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode;
    this.where = options.where;
    this.source = options.source;
    this.problems = options.problems ?? [];
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export function isFailure(error: unknown, code?: string): error is Failure {
  return error instanceof Error && error.name === 'TuttiCliFailure' && (code === undefined || (error as Failure).code === code);
}

export function usageFailure(message: string, hint?: string): Failure {
  return new Failure('USAGE', message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}

/** Any thrown value as a Failure. */
export function toFailure(error: unknown): Failure {
  if (isFailure(error)) return error;
  if (isClientError(error)) return failureFromClient(error);
  if (isTuttiError(error)) return new Failure(error.code, error.message, { exitCode: exitCodeFor(error.code, 500), cause: error });
  return new Failure('INTERNAL', error instanceof Error ? error.message : String(error), { exitCode: EXIT.failed, cause: error });
}

/** Where the client's own codes end the program. */
const OWN_EXIT: Readonly<Record<string, ExitCode>> = {
  NOT_RUNNING: EXIT.notRunning,
  UNREACHABLE: EXIT.notRunning,
  ANSWER_UNREADABLE: EXIT.notRunning,
  TIMED_OUT: EXIT.timedOut,
};

function failureFromClient(error: TuttiClientError): Failure {
  const { code, message, where, retryable, retryAfterMs } = error;
  if (code === 'ABORTED') return new Failure('INTERRUPTED', 'interrupted', { exitCode: EXIT.interrupted, cause: error });
  if (code === 'INVALID_ADDRESS') return usageFailure(message, 'give the token with --token or TUTTI_API_KEY');
  return new Failure(code, message, {
    exitCode: OWN_EXIT[code] ?? exitCodeFor(code, error.status ?? 500),
    problems: problemsOf(error.details),
    retryable,
    cause: error,
    ...(where === undefined ? {} : { where }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
