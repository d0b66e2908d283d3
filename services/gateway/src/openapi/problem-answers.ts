import { ERROR_CODES, type ErrorCode } from '@tutti/kernel';
import { problemView, type RouteDefinition } from '@tutti/rest-contract';
import type { ZodOpenApiResponseObject, oas31 } from 'zod-openapi';
import { httpStatus, PROBLEM_CONTENT_TYPE } from '../door/problem.js';
import { answerHeaders } from './answer-headers.js';

/** What the door, its limits and the store behind it may say to any request. */
const OF_ANY: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'ORIGIN_REFUSED',
  'PAYLOAD_TOO_LARGE',
  'CONTENT_TYPE_UNSUPPORTED',
  'RATE_LIMITED',
  'OVERLOADED',
  'TIMED_OUT',
  'SHUTTING_DOWN',
  'STORE_UNAVAILABLE',
  'DISK_FULL',
  'INTERNAL',
];
const WITH_CREDENTIALS: readonly ErrorCode[] = ['UNAUTHENTICATED', 'PERMISSION_DENIED'];
/** Statuses that the HTTP layer has for what the code says less exactly. */
const OF_HTTP: readonly (readonly [number, ErrorCode])[] = [
  [408, 'TIMED_OUT'],
  [414, 'INVALID_REQUEST'],
];
const SHARED = byStatus([...OF_ANY, ...WITH_CREDENTIALS]);

/** Every problem that the route answers, by status: as a reference where it is that of most routes. */
export function problemAnswers(route: RouteDefinition): Record<string, ZodOpenApiResponseObject | oas31.ReferenceObject> {
  const needsCredential = route.access !== 'anyone';
  const codes = new Set([...OF_ANY, ...(needsCredential ? WITH_CREDENTIALS : []), ...(route.errors ?? [])]);
  const answers = [...byStatus([...codes])]
    // A meaning of its own, as health checks have one of 503, goes first.
    .filter(([status]) => route.answers[status] === undefined)
    .map(([status, of]): [string, ZodOpenApiResponseObject | oas31.ReferenceObject] => {
      const isShared = SHARED.get(status)?.join() === of.join();
      return [String(status), isShared ? { $ref: `#/components/responses/${nameOf(status)}` } : problemAnswer(of, status)];
    });
  return Object.fromEntries(answers);
}

export const PROBLEM_COMPONENTS = Object.fromEntries([...SHARED].map(([status, codes]) => [nameOf(status), problemAnswer(codes, status)]));

function byStatus(codes: readonly ErrorCode[]): ReadonlyMap<number, readonly ErrorCode[]> {
  const found = new Map<number, ErrorCode[]>(OF_HTTP.map(([status, code]) => [status, [code]]));
  for (const code of codes) found.set(httpStatus(code), [...(found.get(httpStatus(code)) ?? []), code]);
  return new Map([...found].sort(([left], [right]) => left - right));
}

function nameOf(status: number): string {
  return `Problem${status}`;
}

function problemAnswer(codes: readonly ErrorCode[], status: number): ZodOpenApiResponseObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_CODES[code].title}`).join('  \n'),
    headers: answerHeaders(status === 429 || status === 503 ? ['Retry-After'] : []),
    content: { [PROBLEM_CONTENT_TYPE]: { schema: problemView } },
  };
}
