import type { Tracer } from './tracer.js';
import { parseTraceparent } from './traceparent.js';

/** What a line of the log says of the span that it was written in; nothing outside of one. */
export function traceFields(tracer: Pick<Tracer, 'active'>): Readonly<Record<string, string>> {
  const context = parseTraceparent(tracer.active());
  return context === null ? {} : { trace_id: context.traceId, span_id: context.spanId };
}
