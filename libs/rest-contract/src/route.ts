import type { ErrorCode } from '@tutti/kernel';
import type { z } from 'zod';
import type { Permission } from './permissions.js';

/**
 * What the gateway lets go first when there is too much: `vital` is what ends or unblocks work and is never shed, then reads, then changes; `new-work` is
 * refused first.
 */
export const LOAD_CLASSES = ['vital', 'read', 'change', 'new-work'] as const;
export type LoadClass = (typeof LOAD_CLASSES)[number];

/** Who may ask: whoever has the permission; `anyone`; `signed-in` with any valid credential; `signature`, where the request itself proves who sends it. */
export type RouteAccess = Permission | 'anyone' | 'signed-in' | 'signature';

/** Path parameters, query and headers are texts: their schemas take texts, and may turn them into something else. */
type TextsSchema = z.ZodType<unknown, Readonly<Record<string, unknown>>>;

export interface RouteAnswer {
  readonly description: string;
  /** Left out for an answer without a body. */
  readonly schema?: z.ZodType;
  /** `application/json` when left out. */
  readonly contentType?: string;
  /** Headers of this answer beside those that every one may have. */
  readonly headers?: readonly AnswerHeader[];
}

export type AnswerHeader = 'ETag' | 'Location';

export interface RouteDefinition {
  /** `operationId` of the OpenAPI document. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as OpenAPI writes them: `/v1/runs/{id}`. */
  readonly path: `/${string}`;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: RouteAccess;
  readonly load: LoadClass;
  readonly params?: TextsSchema;
  readonly query?: TextsSchema;
  readonly headers?: TextsSchema;
  readonly body?: z.ZodType;
  /** Media types that the body may have; `application/json` when left out. With others than JSON the body is handed over as text. */
  readonly bodyTypes?: readonly string[];
  /** The body is handed over as the text that it is. */
  readonly textBody?: boolean;
  /** By status. The lowest is what the gateway answers unless it says otherwise. Problems need no entry. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Codes that this route answers beside those that every route may. */
  readonly errors?: readonly ErrorCode[];
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a request to the route is once its schemas have taken it. */
export interface RouteInput<Route extends RouteDefinition> {
  readonly params: Parsed<Route['params']>;
  readonly query: Parsed<Route['query']>;
  readonly headers: Parsed<Route['headers']>;
  readonly body: Parsed<Route['body']>;
}

export function defineRoute<const Route extends RouteDefinition>(route: Route): Route {
  return route;
}
