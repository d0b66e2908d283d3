import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseRequest } from '@tutti/service-kit';

const DEFAULT_ACTOR = 'user:local';

const actorHeaders = z.object({
  'tutti-actor': z
    .string()
    .regex(/^(?:demo|[a-z]+:[\w.@-]{1,100})$/, 'expected a kind and a name like "user:ann", or "demo"')
    .default(DEFAULT_ACTOR),
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

/** Who makes the change. @throws TuttiError INVALID_REQUEST */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  return actorIn(requestOf(context).headers);
});

/** @throws TuttiError INVALID_REQUEST */
export function actorIn(headers: Readonly<Record<string, unknown>>): string {
  return parseRequest(actorHeaders, headers)['tutti-actor'];
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
