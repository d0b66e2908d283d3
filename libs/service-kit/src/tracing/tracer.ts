/** What a span tells; what is undefined is left out. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export type SpanKindName = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface SpanOptions {
  /** Of few different values: ids belong into the attributes. */
  readonly name: string;
  /** Default `internal`. */
  readonly kind?: SpanKindName;
  /** W3C `traceparent` that the span goes on from; null begins a new trace; left out, it is whatever is active here. */
  readonly parent?: string | null;
  /** W3C `traceparent`s of what it comes of without being part of it. What is null is left out. */
  readonly links?: readonly (string | null)[];
  readonly attributes?: SpanAttributes;
}

/** A piece of work. */
export interface Span {
  /** W3C, for whoever goes on from here; empty without tracing and without a parent. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** Does the work with the span active; does not end it. */
  run<Result>(work: () => Result): Result;
  /** Marks it as failed, with the error's code. Its message is cut at 500 characters. */
  fail(error: unknown): void;
  /** Says what came of it that whoever was served by it is to answer for, not the work itself. */
  refuse(code: string): void;
  /** Hands it over. A span that is never ended is as though it had never been. */
  end(): void;
}

/**
 * Makes spans. Handed in, so that what enters events is decided in one place and a simulation has none of it. Nothing here throws because of tracing, and nothing waits for it.
 */
export interface Tracer {
  /** False: every other method does nothing but its work, and passes on what it was given. */
  readonly enabled: boolean;
  start(options: SpanOptions): Span;
  /** Does the work with the span active, and ends it when the work has settled; what it throws fails the span. */
  inSpan<Result>(options: SpanOptions, work: (span: Span) => Result): Result;
  /** Does the work with this active, which is a span of somebody else, or with nothing for null. */
  within<Result>(traceparent: string | null, work: () => Result): Result;
  /** W3C `traceparent` of the active span; null for none. */
  active(): string | null;
}

/** Tracing is off. */
export const NO_TRACER: Tracer = {
  enabled: false,
  start: ({ parent }) => (parent === undefined || parent === null ? NO_SPAN : { ...NO_SPAN, traceparent: parent }),
  inSpan: (_, work) => work(NO_SPAN),
  within: (_, work) => work(),
  active: () => null,
};

const NO_SPAN: Span = { traceparent: '', set() {}, rename() {}, run: (work) => work(), fail() {}, refuse() {}, end() {} };
