import { isSameTrace, type Tracer } from '@tutti/service-kit';
import { COORDINATOR_ACTOR } from '../run/coordinator-actor.js';
import type { Sender } from '../owner/run-instruction.js';

/**
 * The `traceparent` that a command is sent with. Of a call that is traced here, the span of the call; of what the coordinator does by itself, only what it says: it may do so
 * wherever something woke it.
 */
export function traceOf({ actor, traceparent = null }: Sender, tracer: Tracer | undefined): string | null {
  if (tracer === undefined || !tracer.enabled || actor === COORDINATOR_ACTOR) return traceparent;
  const active = tracer.active();
  return traceparent === null || isSameTrace(active, traceparent) ? active : traceparent;
}
