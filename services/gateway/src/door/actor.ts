import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { TuttiError } from '@tutti/kernel';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../access/principal.js';
import { z } from 'zod';
import { parseRequest } from '@tutti/service-kit';

const actorHeaders = z.object({
  'tutti-actor': z
    .string()
    .regex(/^(?:demo|[a-z]+:[\w.@-]{1,100})$/, 'expected a kind and a name like "user:ann", or "demo"')
    .optional(),
});

const startHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'expected 1 to 200 visible ASCII characters')
    .default(''),
  traceparent: z
    .string()
    .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    // W3C Trace Context: a header that cannot be read is as good as none.
    .catch(''),
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
  if (named === undefined || named === principal.actor) return principal.actor;
  if (principal.mayActAsOthers) return named;
  throw new TuttiError('PERMISSION_DENIED', `Tutti-Actor names ${named}, but the credential is that of ${principal.actor}`);
}

export interface StartHeaders {
  /** Empty for none. */
  readonly idempotencyKey: string;
  readonly traceparent: string;
}

export const FromStartHeaders = createParamDecorator((_: unknown, context: ExecutionContext): StartHeaders => {
  const { 'idempotency-key': idempotencyKey, traceparent } = parseRequest(startHeaders, requestOf(context).headers);
  return { idempotencyKey, traceparent };
});

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}
