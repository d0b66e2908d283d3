import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Runtime } from '@tutti/kernel';
import type { Tracer } from '@tutti/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.js';
import type { GatewayConfig } from '../gateway.config.js';
import type { HealthState } from '../health/health-state.js';
import type { DoorLimits } from '../limits/door-limits.js';
import { installDoor } from './door-hooks.js';
import type { Door } from './door.js';
import { decodeUtf8 } from './json-text.js';
import type { KnownRoutes } from './known-routes.js';
import { problemHeaders, problemOf } from './problem.js';
import { installRequestSpans } from './request-spans.js';
import { answerConnectionError, answerExpectation } from './raw-response.js';

const MAX_PATH_PART = 400;
/** How late a connection that is over its time may be found. */
const CHECK_CONNECTIONS_MS = 2_000;

interface AdapterParts {
  readonly config: GatewayConfig;
  readonly door: Door;
  readonly authenticator: Authenticator;
  readonly health: HealthState;
  readonly limits: DoorLimits;
  readonly routes: KnownRoutes;
  readonly runtime: Runtime;
  readonly tracer: Tracer;
}

/** Fastify under Nest, with the door in front and every limit set. Bodies come as text: each route says what it makes of it. */
export function createGatewayAdapter({
  config,
  door,
  authenticator,
  health,
  limits,
  routes,
  runtime,
  tracer,
}: AdapterParts): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    trustProxy: false,
    bodyLimit: config.maxBodyBytes,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    connectionTimeout: config.limits.connections.stallLimitMs,
    // Connections between requests go at once, the others when they are answered or their time is up.
    forceCloseConnections: 'idle',
    // Fastify's own answer is no problem+json; the door refuses changes by then.
    return503OnClosing: false,
    genReqId: () => runtime.ids.next(),
    clientErrorHandler: answerConnectionError,
    frameworkErrors: answerBadAddress,
    routerOptions: { maxParamLength: MAX_PATH_PART },
    http: {
      headersTimeout: Math.min(config.limits.connections.headersTimeoutMs, config.requestTimeoutMs),
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
      // The door answers a missing Host header, with a reason.
      requireHostHeader: false,
      // Offers like h2c are ignored, as HTTP allows, instead of ending the request.
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    },
  });
  const instance = adapter.getInstance();
  limits.connections.watch(instance.server);
  instance.server.on('checkExpectation', (_, response) => answerExpectation(response));
  instance.removeAllContentTypeParsers();
  adapter.useBodyParser('*', false, { bodyLimit: config.maxBodyBytes }, (_request, body, done) => {
    done(null, decodeUtf8(body));
  });
  installDoor(instance, { door, authenticator, health, limits, routes });
  installRequestSpans(instance, tracer);
  return adapter;
}

/** The router refuses these before any hook or filter runs. */
function answerBadAddress(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.id);
  const headers = { ...problemHeaders(problem), 'tutti-request-id': request.id, 'cache-control': 'no-store' };
  void reply.code(problem.status).headers(headers).send(JSON.stringify(problem));
}
