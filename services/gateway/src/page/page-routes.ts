import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemHeaders, problemOf } from '../door/problem.js';
import { configOf } from '../rest/route-config.js';
import { compressedFor } from './page-compression.js';
import { INDEX, type PageFile } from './page-files.js';

/** The page needs no token to be loaded: it holds no data. What it asks of the API needs one. */
const OPEN = configOf({ access: 'anyone', load: 'read' });

/** Where the page shows something of its own; each is answered with its index, so that links into it work. */
const PLACES = [
  ...['/', '/runs', '/runs/:id', '/approvals', '/approvals/:id', '/agents', '/schedules'],
  ...['/workflows', '/workflows/:name', '/workflows/:name/start', '/notifications', '/dead-letters'],
];

/** Stands in the index where the nonce of an answer goes. */
const NONCE_PLACE = '%STYLE_NONCE%';

const HEADERS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
const A_YEAR = 'public, max-age=31536000, immutable';
const ASK_EACH_TIME = 'no-cache';
const NEVER_KEPT = 'no-store';

/**
 * Serves the page beside the API, whose routes it does not touch. Without files there are no routes, and its places are as unknown as any other.
 *
 * @param newNonce what nobody can guess, in letters of base64, another each time
 * @returns whether there is a page
 */
export function installPage(instance: FastifyInstance, files: ReadonlyMap<string, PageFile>, newNonce: () => string): boolean {
  const index = files.get(INDEX);
  if (index === undefined) return false;
  const text = index.body.toString('utf8');
  // Nest's filter is not above these routes.
  const options = { config: OPEN, errorHandler: refuse };
  for (const place of PLACES) instance.get(place, options, (_request, reply) => answerIndex(reply, text, newNonce()));
  for (const [path, file] of files) {
    if (path !== INDEX) instance.get(path, options, (request, reply) => answerFile(request, reply, file));
  }
  return true;
}

/** Its nonce holds for one answer, so browsers do not keep it. It is a kilobyte. */
function answerIndex(reply: FastifyReply, text: string, nonce: string): FastifyReply {
  return reply
    .headers({ ...HEADERS, 'content-security-policy': securityPolicy(nonce), 'cache-control': NEVER_KEPT })
    .type('text/html; charset=utf-8')
    .send(text.replaceAll(NONCE_PLACE, nonce));
}

async function answerFile(request: FastifyRequest, reply: FastifyReply, file: PageFile): Promise<FastifyReply> {
  const { body, encoding } = await compressedFor(file, request.headers['accept-encoding']);
  reply.headers({
    ...HEADERS,
    'content-security-policy': securityPolicy(null),
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.isImmutable ? A_YEAR : ASK_EACH_TIME,
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  if (encoding !== null) reply.header('content-encoding', encoding);
  return reply.type(file.contentType).send(body);
}

/**
 * Scripts and connections come from the gateway alone, nobody may frame the page, and a text that gets into it runs nothing. Components put styles of their own
 * into the document: those with the nonce of the answer hold.
 */
function securityPolicy(nonce: string | null): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${nonce === null ? '' : ` 'nonce-${nonce}'`}`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function refuse(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.id);
  void reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
}
