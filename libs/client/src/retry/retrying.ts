import type { Runtime } from '@tutti/kernel';
import { aborted, isClientError } from '../client-error.js';

export interface RetryPolicy {
  /** Most tries, the first included. */
  readonly tries: number;
  /** No try begins later than so long after the first. */
  readonly limitMs: number;
  /** Before the second try; then twice as long each time. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
}

/**
 * Tries again after a passing fault, with growing waits of random length. A wait that the server asks for is kept.
 *
 * @throws TuttiClientError the last try's · ABORTED
 */
export async function retrying<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  runtime: Pick<Runtime, 'timers' | 'random' | 'clock'>,
  signal?: AbortSignal,
): Promise<T> {
  const begun = runtime.clock.monotonic();
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= policy.tries || !isClientError(error) || !error.retryable) throw error;
      const wait = error.retryAfterMs ?? backoffMs(tries, policy, runtime);
      if (runtime.clock.monotonic() + wait - begun > policy.limitMs) throw error;
      await pause(runtime, wait, signal);
      if (signal?.aborted === true) throw aborted(signal);
    }
  }
}

/** Half of it is chance, so that many who were cut off together do not come back together. */
export function backoffMs(
  tries: number,
  { firstWaitMs, longestWaitMs }: Pick<RetryPolicy, 'firstWaitMs' | 'longestWaitMs'>,
  { random }: Pick<Runtime, 'random'>,
): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(tries - 1, 16)) * (0.5 + random.next() / 2);
}

/** Resolves after the time, or at once when the signal ends it. */
export function pause(runtime: Pick<Runtime, 'timers'>, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = runtime.timers.after(ms, done);
    signal?.addEventListener('abort', done);
  });
}
