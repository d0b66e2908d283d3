import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TuttiError } from '@tutti/kernel';
import type { FastifyRequest } from 'fastify';
import { mayActAs, type Principal } from '../access/principal.js';
import { z } from 'zod';
import { parseRequest } from '@tutti/service-kit';

const actorHeaders = z.object({
  'tutti-actor': z
    .string()
    .regex(/^(?:demo|[a-z]+:[\w.@-]{1,100})$/, 'expected a kind and a name like "user:ann", or "demo"')
    .optional(),
});

/** Who makes the change. @throws TuttiError INVALID_REQUEST, PERMISSION_DENIED */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { principal, headers } = requestOf(context);
  if (principal === null) throw new TuttiError('INTERNAL', 'a route that anyone may ask has no actor');
  return actorIn(headers, principal);
});

/**
 * The actor that the headers name, if the principal may name one; else the principal's own.
 *
 * @throws TuttiError INVALID_REQUEST for a name of another shape · PERMISSION_DENIED for the name of somebody else
 */
export function actorIn(headers: Readonly<Record<string, unknown>>, principal: Principal): string {
  const named = parseRequest(actorHeaders, headers)['tutti-actor'];
  if (named === undefined) return principal.actor;
  if (mayActAs(principal, named)) return named;
  throw new TuttiError('PERMISSION_DENIED', `Tutti-Actor names ${named}, but the credential is that of ${principal.actor}`);
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
