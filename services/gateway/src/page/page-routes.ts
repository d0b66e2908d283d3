import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemHeaders, problemOf } from '../door/problem.js';
import { configOf } from '../rest/route-config.js';
import { INDEX, type PageFile } from './page-files.js';

/** The page needs no token to be loaded: it holds no data. What it asks of the API needs one. */
const OPEN = configOf({ access: 'anyone', load: 'read' });

/** Where the page shows something of its own; each is answered with its index, so that links into it work. */
const PLACES = [
  ...['/', '/runs', '/runs/:id', '/approvals', '/approvals/:id', '/agents', '/schedules'],
  ...['/workflows', '/workflows/:name', '/workflows/:name/start'],
];

/**
 * Scripts and connections come from the gateway alone, nobody may frame the page, and a text that gets into it runs nothing. Styles may stand in the document: the
 * components of the page set theirs there.
 */
const SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
const A_YEAR = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';

/**
 * Serves the page beside the API, whose routes it does not touch. Without files there are no routes, and its places are as unknown as any other.
 *
 * @returns whether there is a page
 */
export function installPage(instance: FastifyInstance, files: ReadonlyMap<string, PageFile>): boolean {
  const index = files.get(INDEX);
  if (index === undefined) return false;
  // Nest's filter is not above these routes.
  const options = { config: OPEN, errorHandler: refuse };
  for (const place of PLACES) instance.get(place, options, (request, reply) => answer(request, reply, index));
  for (const [path, file] of files) {
    if (path !== INDEX) instance.get(path, options, (request, reply) => answer(request, reply, file));
  }
  return true;
}

function answer(request: FastifyRequest, reply: FastifyReply, { body, contentType, etag, isImmutable }: PageFile): FastifyReply {
  reply.headers({ ...HEADERS, etag, 'cache-control': isImmutable ? A_YEAR : ASK_EACH_TIME });
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  return reply.type(contentType).send(body);
}

function refuse(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.id);
  void reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
}
