import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { TuttiError } from '@tutti/kernel';
import { LOGGER, type Logger } from '@tutti/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GATEWAY_PARTS, type GatewayParts } from '../gateway-parts.js';
import { pathOf } from './door-hooks.js';
import { logLevelOf, problemHeaders, problemOf } from './problem.js';
import { noteProblem } from './request-spans.js';

/** Every error of every route, and of what stands before the routes, leaves as a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger: Logger;

  constructor(
    @Inject(LOGGER) logger: Logger,
    @Inject(GATEWAY_PARTS) private readonly parts: GatewayParts,
  ) {
    this.logger = logger.child({ part: 'gateway' });
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(this.withPath(thrown, request, reply), request.id);
    this.parts.access.refusals.note(thrown, {
      address: request.socket.remoteAddress ?? '',
      actor: request.principal?.actor ?? '',
      ...(problem.code === 'ORIGIN_REFUSED' ? { wanted: wantedOrigin(request) } : {}),
    });
    noteProblem(request, problem);
    const level = logLevelOf(problem);
    if (level !== null)
      this.logger[level]('a request failed', { requestId: request.id, method: request.method, path: pathOf(request), err: thrown });
    if (reply.sent) return;
    void reply.code(problem.status).headers(problemHeaders(problem)).send(JSON.stringify(problem));
  }

  /** Nest only says that nothing takes the request: says which methods the path does take, or that there is no such path. */
  private withPath(thrown: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
    if (!(thrown instanceof HttpException) || thrown.getStatus() !== 404) return thrown;
    const path = pathOf(request).slice(0, 200);
    const methods = this.parts.routes.methodsOf(path);
    if (methods.length === 0) return new TuttiError('ROUTE_NOT_FOUND', `there is no ${path}`);
    reply.header('allow', methods.join(', '));
    return new TuttiError('METHOD_NOT_ALLOWED', `${path} takes ${methods.join(', ')}, not ${request.method}`, {
      details: { allowed: [...methods] },
    });
  }
}

/** The page that a request comes from, else the name that it was sent to. */
function wantedOrigin({ headers: { origin, host } }: FastifyRequest): string {
  return origin ?? `host ${host ?? ''}`;
}
