import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TuttiError } from '@tutti/kernel';
import type { FastifyRequest } from 'fastify';
import type { Principal } from './principal.js';

/** Who asks, for what needs more than the actor. */
export const CallerPrincipal = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (principal === null) throw new TuttiError('INTERNAL', 'a route that anyone may ask has no principal');
  return principal;
});
