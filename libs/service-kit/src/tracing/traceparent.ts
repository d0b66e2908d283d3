/** What a W3C `traceparent` of version 00 says. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly isSampled: boolean;
}

const PATTERN = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

/** Null for what is none: whoever sent it gets a trace of its own. */
export function parseTraceparent(text: string | null | undefined): TraceContext | null {
  const [, traceId, spanId, flags] = PATTERN.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined || traceId === NO_TRACE || spanId === NO_SPAN) return null;
  return { traceId, spanId, isSampled: isSampledFlag(Number.parseInt(flags, 16)) };
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;
}

/** Whether flags of a trace, as W3C numbers them, say that it is kept. */
export function isSampledFlag(flags: number): boolean {
  return (flags & 1) === 1;
}

/** False where either is none. */
export function isSameTrace(one: string | null | undefined, other: string | null | undefined): boolean {
  const traceId = parseTraceparent(one)?.traceId;
  return traceId !== undefined && traceId === parseTraceparent(other)?.traceId;
}
