import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { GatewayRouteConfig } from './route-config.js';

const OK = 200;
const NOT_CHANGED = 304;
const ETAG_LENGTH = 32;

/**
 * Answers of routes that have an ETag get the hash of their body as theirs, and what the caller has already is not sent again. The answer is made all the same: it is
 * the way and the reader that are spared.
 */
export function installEtags(instance: FastifyInstance): void {
  instance.addHook('onSend', async (request, reply, payload) => {
    const { hasEtag } = request.routeOptions.config as Partial<GatewayRouteConfig>;
    if (hasEtag !== true || reply.statusCode !== OK || typeof payload !== 'string') return payload;
    const etag = `"${createHash('sha256').update(payload).digest('hex').slice(0, ETAG_LENGTH)}"`;
    // It may be kept by the one who asked, and is asked for each time.
    reply.headers({ etag, 'cache-control': 'private, no-cache' });
    if (!matches(request.headers['if-none-match'], etag)) return payload;
    reply.code(NOT_CHANGED);
    reply.removeHeader('content-type');
    reply.removeHeader('content-length');
    return '';
  });
}

/** Whether If-None-Match names the tag, compared weakly as RFC 9110 has it. */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((entry) => {
    const named = entry.trim();
    return named === '*' || named.replace(/^W\//, '') === etag;
  });
}
