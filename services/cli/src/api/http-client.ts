import type { Runtime } from '@tutti/kernel';
import { EXIT } from '../failure/exit-codes.js';
import { Failure, isFailure } from '../failure/failure.js';
import { failureFromAnswer } from '../failure/problem-document.js';

export interface Endpoint {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | null;
  /** `user:ann` */
  readonly actor: string;
}

export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
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

interface HttpAnswer {
  readonly status: number;
  readonly json: unknown;
}

export interface HttpClient {
  /**
   * @throws Failure the server's problem; UNREACHABLE when no answer came; TIMED_OUT after {@link REQUEST_LIMIT_MS};
   *   ANSWER_UNREADABLE when it is not JSON; INTERRUPTED when the signal ended it
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
}

interface HttpClientDeps {
  readonly fetch: typeof fetch;
  readonly runtime: Pick<Runtime, 'timers' | 'random'>;
}

export const REQUEST_LIMIT_MS = 30_000;
const TRIES = 3;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

export function createHttpClient(endpoint: Endpoint, deps: HttpClientDeps): HttpClient {
  return {
    async send(request) {
      const repeatable = request.repeatable ?? (request.method ?? 'GET') === 'GET';
      for (let attempt = 1; ; attempt++) {
        try {
          return await sendOnce(endpoint, request, deps);
        } catch (error) {
          if (!repeatable || attempt >= TRIES || !isFailure(error) || !error.retryable || request.signal?.aborted === true) throw error;
          const backoff = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + deps.runtime.random.next() / 2);
          await pause(deps.runtime, Math.min(LONGEST_WAIT_MS, error.retryAfterMs ?? backoff), request.signal);
        }
      }
    },
  };
}

/** Resolves after the time, or at once when the signal ends it. */
export function pause(runtime: Pick<Runtime, 'timers'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = runtime.timers.after(ms, done);
    signal?.addEventListener('abort', done);
  });
}

async function sendOnce(endpoint: Endpoint, request: HttpRequest, deps: HttpClientDeps): Promise<HttpAnswer> {
  const method = request.method ?? 'GET';
  const where = `${method} ${endpoint.url}${request.path}`;
  const limit = new AbortController();
  const cancel = deps.runtime.timers.after(REQUEST_LIMIT_MS, () => limit.abort());
  try {
    const response = await deps.fetch(endpoint.url + request.path + queryText(request.query ?? {}), {
      method,
      // A redirect would carry the token somewhere else.
      redirect: 'error',
      headers: {
        accept: 'application/json, application/problem+json',
        'tutti-actor': endpoint.actor,
        ...(endpoint.token === null ? {} : { authorization: `Bearer ${endpoint.token}` }),
        ...(request.body === undefined ? {} : { 'content-type': request.body.contentType }),
        ...request.headers,
      },
      ...(request.body === undefined ? {} : { body: request.body.text }),
      signal: request.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, request.signal]),
    });
    const text = await response.text();
    if (!response.ok) throw failureFromAnswer(response.status, text, where, response.headers.get('retry-after'));
    return { status: response.status, json: parseAnswer(text, where) };
  } catch (error) {
    if (isFailure(error)) throw error;
    if (request.signal?.aborted === true) throw new Failure('INTERRUPTED', 'interrupted', { exitCode: EXIT.interrupted });
    if (limit.signal.aborted) {
      throw new Failure('TIMED_OUT', `no answer within ${REQUEST_LIMIT_MS / 1000} s`, { exitCode: EXIT.timedOut, where, retryable: false });
    }
    throw new Failure('UNREACHABLE', `cannot reach ${endpoint.url}: ${causeText(error)}`, {
      exitCode: EXIT.notRunning,
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
    throw new Failure('ANSWER_UNREADABLE', 'the answer is not JSON; is this a Tutti server?', {
      exitCode: EXIT.notRunning,
      where,
      cause: error,
    });
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
