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
import { formatTraceparent, isSampledFlag, parseTraceparent } from '../traceparent.js';

const KINDS: Readonly<Record<SpanKindName, SpanKind>> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const MAX_MESSAGE = 500;

type Contexts = Pick<ContextManager, 'active' | 'with'>;

/** Our seam over a tracer of OpenTelemetry, with what is active kept by the context manager. */
export function otelTracer(tracer: OtelTracer, contexts: Contexts): Tracer {
  const start = ({ name, kind = 'internal', parent, links = [], attributes = {} }: SpanOptions): Span => {
    const from = parent === undefined ? contexts.active() : contextOf(parent);
    const options = { kind: KINDS[kind], attributes: present(attributes), links: links.flatMap(linkTo) };
    const inner = tracer.startSpan(name, options, from);
    return new StartedSpan(inner, trace.setSpan(from, inner), contexts);
  };
  return {
    enabled: true,
    start,
    inSpan(options, work) {
      const span = start(options);
      return span.run(() => untilSettled(span, work));
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
    private readonly inner: OtelSpan,
    private readonly context: Context,
    private readonly contexts: Contexts,
  ) {
    this.traceparent = textOf(inner.spanContext());
  }

  set(attributes: SpanAttributes): void {
    this.inner.setAttributes(present(attributes));
  }

  rename(name: string): void {
    this.inner.updateName(name);
  }

  run<Result>(work: () => Result): Result {
    return this.contexts.with(this.context, work);
  }

  fail(thrown: unknown): void {
    const { code, message } = failureOf(thrown);
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

function untilSettled<Result>(span: Span, work: (span: Span) => Result): Result {
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

/** Failures of agents have codes of their own. */
function failureOf(thrown: unknown): { readonly code: string; readonly message: string } {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'message' in thrown) {
    const { code, message } = thrown;
    if (typeof code === 'string' && typeof message === 'string') return { code, message };
  }
  return toTuttiError(thrown);
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
  return formatTraceparent({ traceId, spanId, isSampled: isSampledFlag(traceFlags) });
}

function present(attributes: SpanAttributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}
