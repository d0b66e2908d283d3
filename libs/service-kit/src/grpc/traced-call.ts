import type { Metadata } from '@grpc/grpc-js';
import { TRANSPORT_STATUS, toTuttiError } from '@tutti/kernel';
import type { Span, SpanOptions, Tracer } from '../tracing/tracer.js';

/** Statuses of gRPC that are the server's to answer for, by their numbers: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const FAULTS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/** As a client's span; what goes along with the call tells the other side where it belongs. */
export function traceCall<Result>(
  tracer: Tracer,
  path: string,
  work: (metadata: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  // Whoever asks on nobody's behalf, like a look at the other's health, begins no trace.
  if (!tracer.enabled || tracer.active() === null) return work({});
  return tracer.inSpan({ ...spanOf(path), kind: 'client' }, async (span) => {
    try {
      return await work({ traceparent: span.traceparent });
    } catch (error) {
      span.set({ 'rpc.response.status_code': statusOf(error) });
      throw error;
    }
  });
}

/** As a server's span, in the trace that the metadata or the request names. */
export function traceService<Result>(
  tracer: Tracer,
  path: string,
  { metadata, request }: { readonly metadata: Metadata; readonly request: unknown },
  work: () => Promise<Result>,
): Promise<Result> {
  if (!tracer.enabled) return work();
  const parent = textOf(metadata.get('traceparent')[0]) ?? namedIn(request);
  const span = tracer.start({ ...spanOf(path), kind: 'server', parent });
  return span.run(() => served(span, work));
}

async function served<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const status = statusOf(error);
    span.set({ 'rpc.response.status_code': status });
    if (FAULTS.has(status)) span.fail(error);
    else span.refuse(toTuttiError(error).code);
    throw error;
  } finally {
    span.end();
  }
}

function spanOf(path: string): Pick<SpanOptions, 'name' | 'attributes'> {
  const name = path.replace(/^\//, '');
  return { name, attributes: { 'rpc.system.name': 'grpc', 'rpc.method': name } };
}

function statusOf(error: unknown): number {
  return TRANSPORT_STATUS[toTuttiError(error).kind].grpc;
}

function namedIn(request: unknown): string | null {
  return typeof request === 'object' && request !== null && 'traceparent' in request ? textOf(request.traceparent) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
