import type { AnswerHeader } from '@tutti/rest-contract';
import type { ZodOpenApiHeadersObject } from 'zod-openapi';

type Named = AnswerHeader | 'Retry-After' | 'Tutti-Request-Id';

const WHAT: Readonly<Record<Named, string>> = {
  'Tutti-Request-Id': 'Names this request, in the log, too',
  'Retry-After': 'Seconds after which it makes sense to ask again',
  ETag: 'Names this content: send it as If-None-Match, and what is the same still is answered with 304 and nothing else',
  Location: 'Where it is to be looked at',
};

/** As components: each is described once. */
export const HEADER_COMPONENTS = Object.fromEntries(
  Object.entries(WHAT).map(([name, description]) => [
    name,
    { description, schema: { type: name === 'Retry-After' ? ('integer' as const) : ('string' as const) } },
  ]),
);

/** References to the headers, and to that of every answer. */
export function answerHeaders(names: readonly Named[]): ZodOpenApiHeadersObject {
  return Object.fromEntries(['Tutti-Request-Id', ...names].map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}
