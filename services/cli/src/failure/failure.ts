import { isTuttiError } from '@tutti/kernel';
import { EXIT, exitCodeFor, type ExitCode } from './exit-codes.js';

/** One of several things that are wrong in a text or value. */
export interface Problem {
  /** 1-based; 0 when it has none. */
  readonly line: number;
  readonly column: number;
  /** JSON Pointer; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

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
  if (isTuttiError(error)) return new Failure(error.code, error.message, { exitCode: exitCodeFor(error.code, 500), cause: error });
  return new Failure('INTERNAL', error instanceof Error ? error.message : String(error), { exitCode: EXIT.failed, cause: error });
}
