import { TRANSPORT_STATUS, toTuttiError } from '@tutti/kernel';
import type { Span } from './tracer.js';

/** Statuses of gRPC that are the server's to answer for, by their numbers: UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const FAULTS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/**
 * Does what somebody asked for in the span, and ends it. What is refused is the caller's to mend: the span has its code, and is not marked as failed.
 *
 * @param onError told with the status of gRPC that the error stands for
 */
export function serveInSpan<Result>(
  span: Span,
  work: () => Promise<Result>,
  onError: (status: number) => void = () => undefined,
): Promise<Result> {
  return span.run(async () => {
    try {
      return await work();
    } catch (thrown) {
      const { kind, code } = toTuttiError(thrown);
      const status = TRANSPORT_STATUS[kind].grpc;
      onError(status);
      if (FAULTS.has(status)) span.fail(thrown);
      else span.refuse(code);
      throw thrown;
    } finally {
      span.end();
    }
  });
}
