import { ROUTES, type RouteDefinition } from '@tutti/rest-contract';
import { createDocument, type CreateDocumentOptions, type ZodOpenApiPathItemObject } from 'zod-openapi';
import { HEADER_COMPONENTS } from './answer-headers.js';
import { operationOf } from './operation.js';
import { PROBLEM_COMPONENTS } from './problem-answers.js';

const TAGS: Readonly<Record<string, string>> = {
  runs: 'Runs of workflows: start, look at, ask, change, end',
  approvals: 'What waits for a person’s decision',
  workflows: 'Definitions and their versions',
  agents: 'Who does the work',
  services: 'Instances of services and their leases',
  schedules: 'What starts runs when it is time',
  events: 'What happened, recorded and live; what happens outside',
  notifications: 'What people were told',
  'dead-letters': 'Messages that nobody could handle',
  system: 'The installation itself',
  access: 'Keys, sessions and the audit',
};

const ABOUT = `Bodies are JSON in UTF-8. Refused requests are answered with a problem (RFC 9457), whose \`code\` programs go by.

Lists come in pages: \`nextPageToken\` of one is the \`pageToken\` of the next, and empty at the end. An answer to a change has its \`position\`; a query that names it as \`minPosition\` sees the change.

Every answer has \`Tutti-Request-Id\`, and \`RateLimit\` where limits apply. Members that this document does not know may be added to answers.`;

/** The API as OpenAPI 3.1 has it, made from the contract's routes alone. */
export function openApiDocument(version: string) {
  return createDocument(
    {
      openapi: '3.1.1',
      info: { title: 'Tutti', version, description: ABOUT, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      servers: [{ url: '/' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      security: [{ bearer: [] }, { session: [] }],
      paths: pathsOf(ROUTES),
      components: {
        headers: HEADER_COMPONENTS,
        responses: PROBLEM_COMPONENTS,
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'The token of the installation, an API key or a JWT' },
          session: { type: 'apiKey', in: 'cookie', name: 'tutti_session', description: 'Of the page; see startSession' },
        },
      },
    },
    { allowEmptySchema: { custom: true }, override: tidy },
  );
}

function pathsOf(routes: readonly RouteDefinition[]): Record<string, ZodOpenApiPathItemObject> {
  const paths: Record<string, ZodOpenApiPathItemObject> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  return paths;
}

/** Leaves out what says nothing, and what would forbid later members of an answer. */
const tidy: NonNullable<CreateDocumentOptions['override']> = ({ jsonSchema, io }) => {
  if (jsonSchema.type === 'integer') {
    delete jsonSchema.pattern;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  }
  if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  // Empty stands for "none".
  if (io === 'output' || jsonSchema.default === '') delete jsonSchema.default;
};
