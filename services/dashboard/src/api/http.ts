import type { RouteDefinition } from '@tutti/rest-contract';
import type { z } from 'zod';
import { ApiError, problemIn, unreachable } from './problem.js';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

type Answers = RouteDefinition['answers'];
type BodyOf<Answer> = Answer extends { readonly schema: infer Schema extends z.ZodType } ? z.output<Schema> : undefined;
/** What a route answers, whatever the status. */
export type AnswerOf<Route extends { readonly answers: Answers }> = BodyOf<Route['answers'][keyof Route['answers']]>;

export interface Asked<Route extends RouteDefinition> {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Query;
  readonly body?: Route['body'] extends z.ZodType ? z.input<Route['body']> : never;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /** Proves who asks, where there is no session yet. */
  readonly bearer?: string;
}

interface HttpParts {
  /** The name that changes are made under, where it is not the session's own. */
  readonly actor?: string | null;
  /** The gateway did not take the session. */
  readonly onUnauthenticated?: () => void;
  readonly fetcher?: typeof fetch;
}

/** Calls the REST API of the gateway that served the page; the browser sends the session's cookie along. */
export class Http {
  constructor(private readonly parts: HttpParts = {}) {}

  /** @throws ApiError with the problem document of the answer, or NOT_RUNNING when there is none */
  async ask<Route extends RouteDefinition>(route: Route, given: Asked<Route> = {}): Promise<AnswerOf<Route>> {
    const { query = {}, body, idempotencyKey, signal, bearer } = given;
    const answer = await this.fetch(`${pathOf(route.path, given.params ?? {})}${queryText(query)}`, {
      method: route.method,
      headers: {
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...(typeof this.parts.actor === 'string' ? { 'tutti-actor': this.parts.actor } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      cache: 'no-store',
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.text();
    if (answer.ok) {
      const schema = route.answers[answer.status]?.schema;
      return (schema === undefined ? undefined : schema.parse(JSON.parse(text))) as AnswerOf<Route>;
    }
    const error = new ApiError(problemIn(answer.status, text));
    if (error.isUnauthenticated) this.parts.onUnauthenticated?.();
    throw error;
  }

  private async fetch(address: string, init: RequestInit): Promise<Response> {
    try {
      return await (this.parts.fetcher ?? fetch)(address, init);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError(unreachable((error as Error).message));
    }
  }
}

/** `/v1/runs/{id}` with its parameters. */
function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
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
