import type { Runtime } from '@tutti/kernel';
import { isClientError, TuttiClientError } from '../client-error.js';

interface LimitOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** What is waited for, in the words of the error. */
  readonly what: string;
}

/**
 * Runs the work with a signal that ends it at the time or with the caller's own.
 *
 * @throws TuttiClientError TIMED_OUT · ABORTED · what the work throws
 */
export async function withTimeLimit<T>(
  { timers }: Pick<Runtime, 'timers'>,
  { timeoutMs, signal, what }: LimitOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const cancel = timeoutMs === undefined ? () => {} : timers.after(timeoutMs, () => limit.abort());
  try {
    return await work(signal === undefined ? limit.signal : AbortSignal.any([signal, limit.signal]));
  } catch (error) {
    if (!limit.signal.aborted || signal?.aborted === true || !isClientError(error, 'ABORTED')) throw error;
    throw new TuttiClientError('TIMED_OUT', `${what} within ${timeoutMs} ms`, { retryable: true });
  } finally {
    cancel();
  }
}
