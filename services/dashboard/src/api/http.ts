import type { z } from 'zod';
import type { Session } from '../session/session.js';
import { ApiError, problemIn, unreachable } from './problem.js';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface CallOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** Calls the REST API of the gateway that served the page. */
export class Http {
  constructor(
    private readonly session: Session,
    private readonly fetcher: typeof fetch = (...args) => fetch(...args),
  ) {}

  /** @throws ApiError with the problem document of the answer, or NOT_RUNNING when there is none */
  async call<Schema extends z.ZodType>(
    method: string,
    path: string,
    schema: Schema,
    { query = {}, body, idempotencyKey, signal }: CallOptions = {},
  ): Promise<z.output<Schema>> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.session.token}`, 'tutti-actor': this.session.actor };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    const answer = await this.fetch(`${path}${queryText(query)}`, {
      method,
      headers,
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new ApiError(problemIn(answer.status, text));
    return schema.parse(JSON.parse(text));
  }

  private async fetch(address: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetcher(address, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(unreachable((error as Error).message));
    }
  }
}

export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'object') for (const one of value) parameters.append(name, one);
    else if (value !== undefined && value !== '') parameters.append(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
