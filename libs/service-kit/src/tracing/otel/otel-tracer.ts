import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type ContextManager,
  type Link,
  type Span as OtelSpan,
  type SpanContext,
  type Tracer as OtelTracer,
} from '@opentelemetry/api';
import { toTuttiError } from '@tutti/kernel';
import type { Span, SpanAttributes, SpanKindName, SpanOptions, Tracer } from '../tracer.js';
import { formatTraceparent, parseTraceparent } from '../traceparent.js';

const KINDS: Readonly<Record<SpanKindName, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const MAX_MESSAGE = 500;

/** Our seam over a tracer of OpenTelemetry, with what is active kept by the context manager. */
export function otelTracer(tracer: OtelTracer, contexts: Pick<ContextManager, 'active' | 'with'>): Tracer {
  const start = ({ name, kind = 'internal', parent, links = [], attributes = {} }: SpanOptions): StartedSpan => {
    const from = parent === undefined ? contexts.active() : contextOf(parent);
    const options = { kind: KINDS[kind], attributes: present(attributes), links: links.flatMap(linkTo) };
    return new StartedSpan(tracer.startSpan(name, options, from), from);
  };
  return {
    enabled: true,
    start,
    inSpan(options, work) {
      const span = start(options);
      return contexts.with(trace.setSpan(span.from, span.inner), () => untilSettled(span, work));
    },
    within: (traceparent, work) => contexts.with(contextOf(traceparent), work),
    active() {
      const context = trace.getSpanContext(contexts.active());
      return context === undefined ? null : textOf(context);
    },
  };
}

class StartedSpan implements Span {
  readonly traceparent: string;

  constructor(
    readonly inner: OtelSpan,
    readonly from: Context,
  ) {
    this.traceparent = textOf(inner.spanContext());
  }

  set(attributes: SpanAttributes): void {
    this.inner.setAttributes(present(attributes));
  }

  rename(name: string): void {
    this.inner.updateName(name);
  }

  fail(thrown: unknown): void {
    const { code, message } = toTuttiError(thrown);
    this.inner.setAttribute('error.type', code);
    this.inner.setStatus({ code: SpanStatusCode.ERROR, message: message.slice(0, MAX_MESSAGE) });
  }

  refuse(code: string): void {
    this.inner.setAttribute('error.type', code);
  }

  end(): void {
    this.inner.end();
  }
}

function untilSettled<Result>(span: StartedSpan, work: (span: Span) => Result): Result {
  let result: Result;
  try {
    result = work(span);
  } catch (error) {
    span.fail(error);
    span.end();
    throw error;
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  const settled = (result as Promise<unknown>).then(
    (value) => {
      span.end();
      return value;
    },
    (error: unknown) => {
      span.fail(error);
      span.end();
      throw error;
    },
  );
  return settled as Result;
}

function contextOf(traceparent: string | null): Context {
  const context = spanContextOf(traceparent);
  return context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
}

function spanContextOf(traceparent: string | null): SpanContext | null {
  const parsed = parseTraceparent(traceparent);
  if (parsed === null) return null;
  const { traceId, spanId, isSampled } = parsed;
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function linkTo(traceparent: string | null): Link[] {
  const context = spanContextOf(traceparent);
  return context === null ? [] : [{ context }];
}

function textOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return formatTraceparent({ traceId, spanId, isSampled: (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED });
}

function present(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)) as Attributes;
}
