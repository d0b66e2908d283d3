import { TuttiError } from '@tutti/kernel';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../access/authenticator.js';
import { checkPermission, type Principal } from '../access/principal.js';
import { checkSameOrigin } from '../access/sessions/same-origin.js';
import type { HealthState } from '../health/health-state.js';
import type { DoorLimits } from '../limits/door-limits.js';
import { countRequest, routeOf, trackRequest } from '../limits/track-request.js';
import type { Door } from './door.js';
import type { KnownRoutes } from './known-routes.js';

interface DoorHooks {
  readonly door: Door;
  readonly authenticator: Authenticator;
  readonly health: HealthState;
  readonly limits: DoorLimits;
  readonly routes: KnownRoutes;
}

const CORS_HEADERS = 'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Tutti-Actor, Traceparent';
const CORS_MAX_AGE_SECONDS = '600';
const REQUEST_ID_HEADER = 'tutti-request-id';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for a route that anyone may ask. */
    principal: Principal | null;
  }
}

/** Puts the door before every route, known or not, and before any body is read. */
export function installDoor(instance: FastifyInstance, { door, authenticator, health, limits, routes }: DoorHooks): void {
  instance.decorateRequest('principal', null);
  instance.addHook('onRoute', (route) => {
    // Nobody comes in by a route of which nobody said who may.
    if (!Object.hasOwn(route.config ?? {}, 'access')) throw new TuttiError('INTERNAL', `the route ${route.url} does not say who may ask`);
    routes.add(route.url, route.method);
  });
  instance.addHook('onRequest', async (request, reply) => {
    // What came in one piece with what a connection was cut off for.
    if (request.socket.destroyed) return reply.hijack();
    trackRequest(limits, request, reply);
    reply.headers({ [REQUEST_ID_HEADER]: request.id, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', vary: 'Origin' });
    door.checkHost(request.raw);
    allowOrigin(reply, door.checkOrigin(request.raw));
    if (request.method === 'OPTIONS' && answerOptions(request, reply, routes)) return reply;
    const { name, access, load, bodyTypes } = routeOf(request);
    const address = request.socket.remoteAddress;
    if (access !== 'anyone' && access !== 'signature') {
      const { authorization, cookie } = request.headers;
      request.principal = await authenticator.authenticate({ authorization, cookie, address });
      limits.connections.trust(request.socket);
      checkSameOrigin(request.principal, request);
      if (access !== 'signed-in') checkPermission(request.principal, access);
    }
    if (access !== 'anyone') health.admit(request.method);
    // Who only asks how the service is must always learn it.
    if (access !== 'anyone' || load !== 'vital') {
      const { policy, state } = limits.admit({ route: name, load, principal: request.principal, address });
      reply.headers({ 'ratelimit-policy': policy, ratelimit: state });
    }
    if (!request.is404) checkBody(request, bodyTypes);
    return undefined;
  });
  instance.addHook('preHandler', async (request, reply) => countRequest(limits, request, reply));
}

export function pathOf(request: FastifyRequest): string {
  return (request.raw.url ?? '').replace(/[?#].*$/s, '');
}

function allowOrigin(reply: FastifyReply, origin: string | null): void {
  if (origin === null) return;
  reply.headers({
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'ETag, Location, Retry-After, Tutti-Request-Id, RateLimit, RateLimit-Policy',
  });
}

/** True when it was answered: browsers ask without a token before they call from an allowed page. */
function answerOptions(request: FastifyRequest, reply: FastifyReply, routes: KnownRoutes): boolean {
  const methods = routes.methodsOf(pathOf(request)).join(', ');
  if (methods === '') return false;
  reply.header('allow', methods);
  if (request.headers['access-control-request-method'] !== undefined) {
    reply.headers({
      'access-control-allow-methods': methods,
      'access-control-allow-headers': CORS_HEADERS,
      'access-control-max-age': CORS_MAX_AGE_SECONDS,
    });
  }
  void reply.code(204).send();
  return true;
}

/** @throws TuttiError CONTENT_TYPE_UNSUPPORTED for a body that does not say what it is: forms and plain text are what pages may send anywhere */
function checkBody(request: FastifyRequest, expected: readonly string[]): void {
  const { 'content-type': contentType, 'content-length': length, 'content-encoding': encoding } = request.headers;
  const hasBody = request.headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0);
  if (!hasBody) return;
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw unsupported(`the body is encoded as ${quote(encoding)}; send it as it is`);
  if (contentType === undefined) throw unsupported(`the body has no Content-Type; expected ${expected.join(', ')}`);
  const [mediaType = '', ...parameters] = contentType
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  if (!expected.includes(mediaType)) throw unsupported(`the Content-Type is ${quote(contentType)}; expected ${expected.join(', ')}`);
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '');
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')
    throw unsupported(`the charset is ${quote(charset)}; expected utf-8`);
}

function unsupported(message: string): TuttiError {
  return new TuttiError('CONTENT_TYPE_UNSUPPORTED', message);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
