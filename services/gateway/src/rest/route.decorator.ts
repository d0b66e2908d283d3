import { applyDecorators, createParamDecorator, HttpCode, RequestMapping, RequestMethod, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { RouteDefinition, RouteInput } from '@tutti/rest-contract';
import { invalidRequest, parseRequest } from '@tutti/service-kit';
import type { FastifyRequest } from 'fastify';
import { configOf } from './route-config.js';
import { parseJsonText } from '../door/json-text.js';

/** Serves the route with this method of a controller: address, default status, who may ask and what its body may be stand in the contract. */
export function Route(route: RouteDefinition): MethodDecorator {
  const [status = 200] = Object.keys(route.answers).map(Number);
  return applyDecorators(
    RequestMapping({ path: route.path.replaceAll(/\{(\w+)\}/g, ':$1'), method: RequestMethod[route.method] }),
    HttpCode(status),
    RouteConfig(configOf(route)),
  );
}

/**
 * The request as the route's schemas take it. Use with the type `RouteInput<typeof route>`.
 *
 * @throws TuttiError INVALID_REQUEST with every problem of a part
 */
export const Input = createParamDecorator((route: RouteDefinition, context: ExecutionContext): RouteInput<RouteDefinition> => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return {
    params: route.params === undefined ? undefined : parseRequest(route.params, { ...(request.params as object) }),
    query: route.query === undefined ? undefined : parseRequest(route.query, { ...(request.query as object) }),
    headers: route.headers === undefined ? undefined : parseRequest(route.headers, request.headers),
    body: route.body === undefined ? undefined : parseRequest(route.body, bodyOf(route, request)),
  };
});

/** None at all counts as `{}`, so that the schema says what is missing. */
function bodyOf({ textBody }: RouteDefinition, request: FastifyRequest): unknown {
  // The body parser gives text; without a body there is nothing.
  const text = typeof request.body === 'string' ? request.body : '';
  if (textBody === true) {
    if (text === '') throw invalidRequest([{ path: '', message: 'the body is empty' }]);
    return text;
  }
  return text === '' ? {} : parseJsonText(text);
}
