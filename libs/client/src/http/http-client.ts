import type { Runtime } from '@tutti/kernel';
import { aborted, isClientError, TuttiClientError } from '../client-error.js';
import type { Endpoint, EndpointSource } from '../locating/endpoint.js';
import { retrying, type RetryPolicy } from '../retry/retrying.js';
import { errorFromAnswer } from './problem-document.js';

export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With encoded parts, like `/v1/runs/1`. */
  readonly path: string;
  /** Members that are undefined or empty are left out; a list repeats the key. */
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly body?: { readonly contentType: string; readonly text: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the same request may be sent again after a passing fault. Default: only GET. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

export interface HttpClient {
  /**
   * @throws TuttiClientError the server's problem; UNREACHABLE when no answer came; TIMED_OUT after the limit for one request;
   *   ANSWER_UNREADABLE when it is not JSON; ABORTED when the signal ended it
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

interface HttpClientDeps {
  readonly fetch: typeof fetch;
  readonly runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>;
}

export interface HttpClientOptions {
  /** Longest time for one try. */
  readonly requestLimitMs: number;
  readonly retry: RetryPolicy;
}

export const REQUEST_LIMIT_MS = 30_000;

/** For one who waits in front of it: three tries. */
const DEFAULTS: HttpClientOptions = {
  requestLimitMs: REQUEST_LIMIT_MS,
  retry: { tries: 3, limitMs: 60_000, firstWaitMs: 200, longestWaitMs: 5_000 },
};

export function createHttpClient(endpoints: EndpointSource, deps: HttpClientDeps, options: HttpClientOptions = DEFAULTS): HttpClient {
  const attempt = async (request: HttpRequest): Promise<HttpAnswer> => {
    const endpoint = await endpoints.current();
    try {
      return await sendOnce(endpoint, request, deps, options.requestLimitMs);
    } catch (error) {
      if (isClientError(error, 'UNREACHABLE')) endpoints.lost();
      throw error;
    }
  };
  return {
    send(request) {
      const repeatable = request.repeatable ?? (request.method ?? 'GET') === 'GET';
      const policy = repeatable ? options.retry : { ...options.retry, tries: 1 };
      return retrying(() => attempt(request), policy, deps.runtime, request.signal);
    },
  };
}

async function sendOnce(endpoint: Endpoint, request: HttpRequest, deps: HttpClientDeps, limitMs: number): Promise<HttpAnswer> {
  const method = request.method ?? 'GET';
  const where = `${method} ${endpoint.url}${request.path}`;
  const limit = new AbortController();
  const cancel = deps.runtime.timers.after(limitMs, () => limit.abort());
  try {
    const response = await deps.fetch(endpoint.url + request.path + queryText(request.query ?? {}), {
      method,
      // A redirect would carry the token somewhere else.
      redirect: 'error',
      headers: {
        accept: 'application/json, application/problem+json',
        ...(endpoint.actor === null ? {} : { 'tutti-actor': endpoint.actor }),
        ...(endpoint.token === null ? {} : { authorization: `Bearer ${endpoint.token}` }),
        ...(request.body === undefined ? {} : { 'content-type': request.body.contentType }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: request.body.text }),
      signal: request.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, request.signal]),
    });
    const text = await response.text();
    if (!response.ok) throw errorFromAnswer(response.status, text, where, response.headers.get('retry-after'));
    return { status: response.status, json: parseAnswer(text, where) };
  } catch (error) {
    if (isClientError(error)) throw error;
    if (request.signal?.aborted === true) throw aborted(request.signal);
    if (limit.signal.aborted) throw new TuttiClientError('TIMED_OUT', `no answer within ${limitMs / 1000} s`, { where });
    throw new TuttiClientError('UNREACHABLE', `cannot reach ${endpoint.url}: ${causeText(error)}`, {
      where,
      retryable: true,
      cause: error,
    });
  } finally {
    cancel();
  }
}

function parseAnswer(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TuttiClientError('ANSWER_UNREADABLE', 'the answer is not JSON; is this a Tutti server?', { where, cause: error });
  }
}

function queryText(query: NonNullable<HttpRequest['query']>): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    if (typeof value === 'object') for (const one of value) parameters.append(key, one);
    else parameters.append(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}

/** The reason below fetch's own "fetch failed". */
function causeText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause;
  if (!(cause instanceof Error)) return error.message;
  const code = (cause as NodeJS.ErrnoException).code;
  return code === 'ECONNREFUSED' ? 'nobody listens there (ECONNREFUSED)' : cause.message || code || error.message;
}
