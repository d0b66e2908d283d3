import type { RouteAccess, RouteAnswer, RouteDefinition } from '@tutti/rest-contract';
import { z } from 'zod';
import type { ZodObjectInput, ZodOpenApiMediaTypeObject, ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { answerHeaders } from './answer-headers.js';
import { problemAnswers } from './problem-answers.js';

const JSON_TYPE = 'application/json';
const NOT_CHANGED = 304;

const ifNoneMatch = { 'if-none-match': z.string().max(2_000).optional().meta({ description: 'The ETag of an earlier answer' }) };
const actor = {
  'tutti-actor': z
    .string()
    .regex(/^(?:demo|[a-z]+:[\w.@-]{1,100})$/)
    .optional()
    .meta({ description: 'In whose name, like `user:ann`; only for credentials that may act as others' }),
};

export function operationOf(route: RouteDefinition): ZodOpenApiOperationObject {
  const { id, tag, summary, description, access, body } = route;
  const isTagged = Object.values(route.answers).some(({ headers = [] }) => headers.includes('ETag'));
  const isChange = route.method !== 'GET' && access !== 'signature';
  const headers = { ...shapeOf(route.headers), ...(isTagged ? ifNoneMatch : {}), ...(isChange ? actor : {}) };
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [description, needed(access)].filter((text) => text !== undefined).join('\n\n'),
    ...(access === 'anyone' || access === 'signature' ? { security: [] } : {}),
    requestParams: {
      ...(route.params === undefined ? {} : { path: objectOf(route.params) }),
      ...(route.query === undefined ? {} : { query: objectOf(route.query) }),
      ...(Object.keys(headers).length === 0 ? {} : { header: z.object(headers) }),
    },
    ...(body === undefined ? {} : { requestBody: { required: !body.safeParse({}).success, content: contentOf(route, body) } }),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, answer]) => [status, responseOf(answer)])),
      ...(isTagged ? { [String(NOT_CHANGED)]: { description: 'It is what If-None-Match names', headers: answerHeaders(['ETag']) } } : {}),
      ...problemAnswers(route),
    },
    'x-tutti-access': access,
    'x-tutti-load': route.load,
  };
}

function needed(access: RouteAccess): string {
  switch (access) {
    case 'anyone':
      return 'Needs no credential.';
    case 'signature':
      return 'The signature is the credential.';
    case 'signed-in':
      return 'Needs a credential, and no permission.';
    default:
      return `Needs the permission \`${access}\`.`;
  }
}

function responseOf({ description, schema, contentType = JSON_TYPE, headers = [] }: RouteAnswer): ZodOpenApiResponseObject {
  return { description, headers: answerHeaders(headers), ...(schema === undefined ? {} : { content: { [contentType]: { schema } } }) };
}

/** A body that is handed over as text is that text, unless its type says that it is JSON. */
function contentOf({ bodyTypes = [JSON_TYPE], textBody }: RouteDefinition, body: z.ZodType): Record<string, ZodOpenApiMediaTypeObject> {
  const anyJson = { type: 'object' as const, additionalProperties: true };
  return Object.fromEntries(
    bodyTypes.map((type) => [type, { schema: textBody === true ? (type.endsWith('json') ? anyJson : { type: 'string' as const }) : body }]),
  );
}

function shapeOf(schema: z.ZodType | undefined): z.ZodRawShape {
  return schema === undefined ? {} : objectOf(schema).shape;
}

/** The object of texts that a schema takes, also where something is done to it before. */
function objectOf(schema: z.ZodType): z.ZodObject & ZodObjectInput {
  if (schema instanceof z.ZodObject) return schema;
  if (schema instanceof z.ZodPipe && schema.out instanceof z.ZodObject) return schema.out;
  throw new TypeError('the parameters of a route are an object');
}
