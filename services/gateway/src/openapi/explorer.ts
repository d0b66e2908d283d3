import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problemHeaders, problemOf } from '../door/problem.js';
import { matches } from '../rest/etags.js';
import { configOf } from '../rest/route-config.js';

/** It needs no token to be loaded: it shows the API's description, which holds no data. What is tried out in it needs one. */
const OPEN = configOf({ access: 'anyone', load: 'read' });
const PLACE = '/docs';
const ETAG_LENGTH = 32;

/** Everything comes from the gateway, and nothing else is asked. Scripts and styles stand in files; the explorer's small pictures stand in its styles. */
const SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
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
  'cache-control': 'no-cache',
};

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tutti: the API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="${PLACE}/swagger-ui.css" />
  </head>
  <body>
    <main id="explorer"></main>
    <script src="${PLACE}/swagger-ui-bundle.js"></script>
    <script src="${PLACE}/explorer.js"></script>
  </body>
</html>
`;

/** No address but the gateway's own is asked: neither for another document nor to have this one judged. */
const SCRIPT = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  docExpansion: 'list',
  displayRequestDuration: true,
  queryConfigEnabled: false,
  validatorUrl: null,
});
`;

interface ExplorerFile {
  readonly body: Buffer;
  readonly contentType: string;
  readonly etag: string;
}

/** Serves the explorer of the API at `/docs`. Its files are read once, when the first of them is asked for. */
export function installExplorer(instance: FastifyInstance): void {
  let files: ReadonlyMap<string, ExplorerFile> | null = null;
  const options = { config: OPEN, errorHandler: refuse };
  for (const path of [PLACE, `${PLACE}/explorer.js`, `${PLACE}/swagger-ui.css`, `${PLACE}/swagger-ui-bundle.js`]) {
    instance.get(path, options, (request, reply) => answer(request, reply, (files ??= readFiles()).get(path)));
  }
}

function readFiles(): ReadonlyMap<string, ExplorerFile> {
  const require = createRequire(import.meta.url);
  const script = 'text/javascript; charset=utf-8';
  return new Map([
    [PLACE, fileOf(Buffer.from(PAGE), 'text/html; charset=utf-8')],
    [`${PLACE}/explorer.js`, fileOf(Buffer.from(SCRIPT), script)],
    [`${PLACE}/swagger-ui.css`, fileOf(readFileSync(require.resolve('swagger-ui-dist/swagger-ui.css')), 'text/css; charset=utf-8')],
    [`${PLACE}/swagger-ui-bundle.js`, fileOf(readFileSync(require.resolve('swagger-ui-dist/swagger-ui-bundle.js')), script)],
  ]);
}

function fileOf(body: Buffer, contentType: string): ExplorerFile {
  return { body, contentType, etag: `"${createHash('sha256').update(body).digest('hex').slice(0, ETAG_LENGTH)}"` };
}

function answer(request: FastifyRequest, reply: FastifyReply, file: ExplorerFile | undefined): FastifyReply {
  if (file === undefined) throw new Error('the explorer has no such file');
  reply.headers({ ...HEADERS, etag: file.etag });
  if (matches(request.headers['if-none-match'], file.etag)) return reply.code(304).send();
  return reply.type(file.contentType).send(file.body);
}

function refuse(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.id);
  void reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
}
