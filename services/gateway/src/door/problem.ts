import { ERROR_CODES, isJsonObject, isTuttiError, TRANSPORT_STATUS, TuttiError, type ErrorCode, type JsonValue } from '@tutti/kernel';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';
const RETRY_AFTER_SECONDS = 1;

/** RFC 9457 with Tutti's members. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details?: JsonValue;
  /** Names this one occurrence; the log has it under the same id. */
  readonly instance?: string;
}

/** HTTP has statuses of its own for some codes; for the others the kind says. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = { METHOD_NOT_ALLOWED: 405 };

export function httpStatus(code: ErrorCode): number {
  return STATUS_OF_CODE[code] ?? TRANSPORT_STATUS[ERROR_CODES[code].kind].http;
}

/** Faults that the HTTP layers report, as the codes callers know. A status stands where HTTP has one that is more exact than the code's. */
interface LayerFault {
  readonly code: ErrorCode;
  readonly message?: string;
  readonly status?: number;
}

const FASTIFY_FAULTS: Readonly<Record<string, LayerFault>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'PAYLOAD_TOO_LARGE', message: 'the body is larger than allowed' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'CONTENT_TYPE_UNSUPPORTED' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'INVALID_REQUEST', message: 'the body does not have the length that Content-Length says' },
  FST_ERR_BAD_URL: { code: 'INVALID_REQUEST', message: 'the address is not a valid URL path' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'INVALID_REQUEST', message: 'a part of the address is too long', status: 414 },
  FST_ERR_HANDLER_TIMEOUT: { code: 'TIMED_OUT' },
};

const BODY_CUT_OFF: LayerFault = { code: 'INVALID_REQUEST', message: 'the connection ended before the body had come whole' };

const STATUS_FAULTS: Readonly<Record<number, LayerFault>> = {
  404: { code: 'ROUTE_NOT_FOUND' },
  405: { code: 'METHOD_NOT_ALLOWED' },
  408: { code: 'TIMED_OUT', status: 408 },
  413: { code: 'PAYLOAD_TOO_LARGE' },
  415: { code: 'CONTENT_TYPE_UNSUPPORTED' },
  503: { code: 'SHUTTING_DOWN' },
};

/** How the log has it; null for what is the caller's. Where something is away or late, and whoever asks again may be answered, it is no fault of this process. */
export function logLevelOf({ status, retryable }: Pick<Problem, 'status' | 'retryable'>): 'warn' | 'error' | null {
  if (status < 500) return null;
  return status > 500 && retryable ? 'warn' : 'error';
}

/** Faults of the HTTP parser, before there is a request. */
export function problemOfConnection(fault: string | undefined): Problem {
  switch (fault) {
    case 'HPE_HEADER_OVERFLOW':
      return { ...problemOf(new TuttiError('PAYLOAD_TOO_LARGE', 'the headers are larger than allowed')), status: 431 };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { ...problemOf(new TuttiError('TIMED_OUT', 'the request did not arrive whole in time')), status: 408 };
    default:
      return problemOf(new TuttiError('INVALID_REQUEST', 'this is no HTTP request that can be read'));
  }
}

/** Any thrown value as what the caller is told. What nobody meant to throw says nothing about itself. */
export function problemOf(thrown: unknown, requestId?: string): Problem {
  const { error, status } = classify(thrown);
  const hidden = error.code === 'INTERNAL';
  return {
    type: `https://tutti.dev/errors/${error.code}`,
    title: ERROR_CODES[error.code].title,
    status: status ?? httpStatus(error.code),
    detail: hidden ? 'an unexpected fault; the log has it under the instance named here' : error.message,
    code: error.code,
    retryable: error.retryable,
    ...(hidden || error.details === undefined ? {} : { details: error.details }),
    ...(requestId === undefined ? {} : { instance: `urn:uuid:${requestId}` }),
  };
}

/** Headers that go with the problem. */
export function problemHeaders(problem: Problem): Readonly<Record<string, string>> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_CONTENT_TYPE };
  const { retryAfterSeconds, policy, state } = problem.details !== undefined && isJsonObject(problem.details) ? problem.details : {};
  if (problem.retryable && (problem.status === 429 || problem.status === 503))
    headers['retry-after'] = String(typeof retryAfterSeconds === 'number' ? retryAfterSeconds : RETRY_AFTER_SECONDS);
  if (problem.code === 'RATE_LIMITED' && typeof policy === 'string' && typeof state === 'string')
    Object.assign(headers, { 'ratelimit-policy': policy, ratelimit: state });
  if (problem.code === 'UNAUTHENTICATED') headers['www-authenticate'] = 'Bearer realm="tutti"';
  return headers;
}

function classify(thrown: unknown): { readonly error: TuttiError; readonly status?: number } {
  if (isTuttiError(thrown)) return { error: thrown };
  if (!(thrown instanceof Error)) return { error: new TuttiError('INTERNAL', String(thrown)) };
  const fault = layerFault(thrown);
  if (fault === undefined) return { error: new TuttiError('INTERNAL', thrown.message, { cause: thrown }) };
  const error = new TuttiError(fault.code, fault.message ?? ERROR_CODES[fault.code].title, { cause: thrown });
  return fault.status === undefined ? { error } : { error, status: fault.status };
}

function layerFault(error: Error): LayerFault | undefined {
  const { code, statusCode, getStatus } = error as { code?: unknown; statusCode?: unknown; getStatus?: unknown };
  if (typeof code === 'string' && Object.hasOwn(FASTIFY_FAULTS, code)) return FASTIFY_FAULTS[code];
  // Fastify marks so what reading a body met: who sent it went away. Whoever is asked by a handler goes away without the status.
  if (code === 'ECONNRESET' && statusCode === 400) return BODY_CUT_OFF;
  const isNest = typeof getStatus === 'function';
  const isFastify = typeof code === 'string' && code.startsWith('FST_');
  if (!isNest && !isFastify) return undefined;
  const status: unknown = isNest ? (getStatus as () => unknown).call(error) : statusCode;
  if (typeof status !== 'number') return undefined;
  return STATUS_FAULTS[status] ?? (status >= 400 && status < 500 ? { code: 'INVALID_REQUEST' } : undefined);
}
