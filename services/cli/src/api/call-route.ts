import type { HttpClient, HttpRequest } from '@tutti/client/http';
import type { RouteAnswer, RouteDefinition } from '@tutti/rest-contract';
import type { z } from 'zod';
import { EXIT } from '../failure/exit-codes.js';
import { Failure } from '../failure/failure.js';

/** An answer twice: as it came, for programs, and read, for people. */
export interface Answer<T> {
  readonly raw: unknown;
  readonly value: T;
}

export type Query = NonNullable<HttpRequest['query']>;

export interface RouteRequest {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Query;
  readonly body?: object;
  /** A body that is no JSON of ours. */
  readonly text?: { readonly contentType: string; readonly text: string };
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the same request may be sent again after a passing fault. Default: yes, as every change here is idempotent unless it says so. */
  readonly repeatable?: boolean;
}

type SchemaOf<Answers> = Answers extends { readonly schema: infer Schema extends z.ZodType } ? z.output<Schema> : never;
export type AnswerOf<Route extends RouteDefinition> = SchemaOf<Route['answers'][keyof Route['answers']]>;

/** The item of the one list that a page has. */
type ItemOf<Page> = { [Key in keyof Page]: Page[Key] extends readonly (infer Item)[] ? Item : never }[keyof Page];

export interface RouteCaller {
  /** @throws Failure the server's problem, or ANSWER_UNREADABLE */
  readonly call: <const Route extends RouteDefinition>(route: Route, request?: RouteRequest) => Promise<Answer<AnswerOf<Route>>>;
  /** Pages of the list under that member until `limit` items, or all without one. */
  readonly list: <const Route extends RouteDefinition, Member extends keyof AnswerOf<Route> & string>(
    route: Route,
    member: Member,
    request: RouteRequest,
    limit: number | undefined,
  ) => Promise<Answer<readonly ItemOf<Pick<AnswerOf<Route>, Member>>[]>>;
  /** What stands at a path, in a shape that is looser than the contract's. */
  readonly read: <T>(request: HttpRequest, schema: z.ZodType<T>) => Promise<Answer<T>>;
}

const MOST_PER_PAGE = 200;

/** Calls routes as the contract has them. */
export function createRouteCaller(http: HttpClient): RouteCaller {
  const read = async <T>(request: HttpRequest, schema: z.ZodType<T>): Promise<Answer<T>> => {
    const { json } = await http.send(request);
    const parsed = schema.safeParse(json);
    if (parsed.success) return { raw: json, value: parsed.data };
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') || 'its top';
    throw new Failure('ANSWER_UNREADABLE', `the answer does not have the expected shape at ${place}: ${issue?.message ?? 'unknown'}`, {
      exitCode: EXIT.failed,
      where: `${request.method ?? 'GET'} ${request.path}`,
    });
  };

  const call = <const Route extends RouteDefinition>(route: Route, request: RouteRequest = {}): Promise<Answer<AnswerOf<Route>>> =>
    read(requestOf(route, request), schemaOf(route) as z.ZodType<AnswerOf<Route>>);

  const list: RouteCaller['list'] = async (route, member, request, limit) => {
    const raw: unknown[] = [];
    const value: unknown[] = [];
    let pageToken = '';
    do {
      const pageSize = limit === undefined ? MOST_PER_PAGE : Math.min(MOST_PER_PAGE, limit - value.length);
      const answer = await call(route, { ...request, query: { ...request.query, pageSize, pageToken } });
      const page = answer.value as Readonly<Record<string, unknown>>;
      value.push(...(page[member] as readonly unknown[]));
      raw.push(...(((answer.raw as Record<string, unknown>)[member] as readonly unknown[] | undefined) ?? []));
      const next = (page['nextPageToken'] as string | undefined) ?? '';
      // A page that names itself as the next would be read for ever.
      pageToken = next === pageToken ? '' : next;
    } while (pageToken !== '' && (limit === undefined || value.length < limit));
    return { raw: { [member]: raw }, value: value as never };
  };
  return { call, list, read };
}

function requestOf({ method, path }: RouteDefinition, { params = {}, query, body, text, headers, repeatable }: RouteRequest): HttpRequest {
  return {
    method,
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? '')),
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body: { contentType: 'application/json', text: JSON.stringify(body) } }),
    ...(text === undefined ? {} : { body: text }),
    ...(headers === undefined ? {} : { headers }),
    repeatable: repeatable ?? true,
  };
}

function schemaOf({ id, answers }: RouteDefinition): z.ZodType {
  const schema = Object.values<RouteAnswer>(answers).find((answer) => answer.schema !== undefined)?.schema;
  if (schema === undefined) throw new Error(`the route ${id} answers nothing to read`);
  return schema;
}
