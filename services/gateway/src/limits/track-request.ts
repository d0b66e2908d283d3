import type { FastifyReply, FastifyRequest } from 'fastify';
import { CLOSED_ROUTE, UNKNOWN_ROUTE, type GatewayRouteConfig } from '../rest/route-config.js';
import type { DoorLimits } from './door-limits.js';

/** What is known of the route that a request goes to. */
export function routeOf(request: FastifyRequest): GatewayRouteConfig & { readonly name: string } {
  const config = { ...(request.is404 ? UNKNOWN_ROUTE : CLOSED_ROUTE), ...(request.routeOptions.config as Partial<GatewayRouteConfig>) };
  return { ...config, name: config.id === '' ? (request.routeOptions.url ?? 'unknown') : config.id };
}

/**
 * Counts the request while it is worked on: from when it was let in and has come whole, so that nobody holds up others by sending slowly or without a credential. Streams
 * are open by their nature and count for nothing, and so does what anybody may ask: it is there already.
 */
export function countRequest({ shedder }: DoorLimits, request: FastifyRequest, reply: FastifyReply): void {
  const { access, isStream } = routeOf(request);
  if (access === 'anyone' || isStream || reply.raw.closed) return;
  shedder.enter();
  reply.raw.once('close', () => shedder.leave());
}

/** Logs the request when it is over, answered or not. */
export function trackRequest({ accessLog }: DoorLimits, request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.once('close', () => {
    const { name, load } = routeOf(request);
    const status = reply.raw.headersSent ? reply.statusCode : NEVER_ANSWERED;
    accessLog.answered({
      requestId: request.id,
      method: request.method,
      route: name,
      path: (request.raw.url ?? '').replace(/[?#].*$/s, '').slice(0, LONGEST_PATH),
      load,
      principal: request.principal,
      address: request.socket.remoteAddress,
      status,
      refused: status >= FIRST_REFUSAL,
      brokenOff: !reply.raw.writableFinished,
      ms: Math.round(reply.elapsedTime),
    });
  });
}

/** A query may hold what nobody should find in a log; a path this long is no address of ours. */
const LONGEST_PATH = 300;
const FIRST_REFUSAL = 400;
/** As logs of others say it, for want of a status in HTTP. */
const NEVER_ANSWERED = 499;
