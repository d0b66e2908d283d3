import type { Metadata } from '@grpc/grpc-js';
import { TRANSPORT_STATUS, toTuttiError } from '@tutti/kernel';
import { serveInSpan } from '../tracing/serve-in-span.js';
import type { SpanOptions, Tracer } from '../tracing/tracer.js';

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
  return serveInSpan(span, work, (status) => span.set({ 'rpc.response.status_code': status }));
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
