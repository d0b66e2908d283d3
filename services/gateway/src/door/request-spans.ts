import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Span, Tracer } from '@tutti/service-kit';
import { routeOf } from '../limits/track-request.js';

const FIRST_FAULT = 500;

const spans = new WeakMap<FastifyRequest, Span>();

/**
 * A span for each request that the door has let in, in the trace that its `traceparent` names. Not for what anybody may ask, like the state of health, nor for streams,
 * which stay open: events come of many traces.
 */
export function installRequestSpans(instance: FastifyInstance, tracer: Tracer): void {
  if (!tracer.enabled) return;
  instance.addHook('onRequest', (request, reply, done) => {
    const { access, isStream } = routeOf(request);
    if (access === 'anyone' || isStream || reply.sent) return done();
    const { method, headers, hostname, protocol } = request;
    const route = request.routeOptions.url;
    const span = tracer.start({
      name: route === undefined ? method : `${method} ${route}`,
      kind: 'server',
      parent: typeof headers.traceparent === 'string' ? headers.traceparent : null,
      attributes: {
        'http.request.method': method,
        'http.route': route,
        'url.path': (request.raw.url ?? '').replace(/[?#].*$/s, '').slice(0, LONGEST_PATH),
        'url.scheme': protocol,
        'server.address': hostname,
        'client.address': request.socket.remoteAddress,
        'user_agent.original': headers['user-agent']?.slice(0, LONGEST_PATH),
        'tutti.request.id': request.id,
      },
    });
    spans.set(request, span);
    reply.raw.once('close', () => {
      span.set(reply.raw.headersSent ? { 'http.response.status_code': reply.statusCode } : { 'error.type': 'broken-off' });
      span.end();
    });
    return span.run(done);
  });
  // The body came by events of the connection, which belong to no request.
  instance.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.run(done);
  });
}

/** What the request was answered with, where it is a problem. */
export function noteProblem(
  request: FastifyRequest,
  problem: { readonly code: string; readonly status: number; readonly detail: string },
): void {
  const span = spans.get(request);
  if (problem.status < FIRST_FAULT) span?.refuse(problem.code);
  else span?.fail({ code: problem.code, message: problem.detail });
}

const LONGEST_PATH = 300;
