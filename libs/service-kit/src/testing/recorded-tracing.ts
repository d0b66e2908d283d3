import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { seededRandom } from '@tutti/kernel/testing';
import { otelTracer } from '../tracing/otel/otel-tracer.js';
import { ratioSampler } from '../tracing/otel/sampling.js';
import { traceIds } from '../tracing/otel/trace-ids.js';
import type { Tracer } from '../tracing/tracer.js';

export interface RecordedSpan {
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Null for a root. */
  readonly parentId: string | null;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly failed: boolean;
}

export interface RecordedTracing {
  readonly tracer: Tracer;
  /** Those that have ended and are kept, in the order of their ends. */
  spans(): readonly RecordedSpan[];
}

/** A tracer as processes have it, whose spans a test can look at. */
export function recordTracing({ ratio = 1, seed = 1 }: { readonly ratio?: number; readonly seed?: number } = {}): RecordedTracing {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    sampler: ratioSampler(ratio),
    idGenerator: traceIds(seededRandom(seed)),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const contexts = new AsyncLocalStorageContextManager().enable();
  return {
    tracer: otelTracer(provider.getTracer('test'), contexts),
    spans: () =>
      exporter.getFinishedSpans().map((span) => ({
        name: span.name,
        kind: SpanKind[span.kind].toLowerCase(),
        ...{ traceId: span.spanContext().traceId, spanId: span.spanContext().spanId },
        parentId: span.parentSpanContext?.spanId ?? null,
        links: span.links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
        attributes: span.attributes,
        failed: span.status.code === SpanStatusCode.ERROR,
      })),
  };
}
