import { AsyncLocalStorage } from 'node:async_hooks';

const calls = new AsyncLocalStorage<AbortSignal>();

/** Does what a call asks for; whatever waits on its behalf finds the signal by {@link callSignal}. */
export function withCallSignal<Result>(signal: AbortSignal, work: () => Result): Result {
  return calls.run(signal, work);
}

/**
 * Aborted when nobody waits for the answer any more: the deadline of the call has passed, or its caller is gone. Undefined outside of a call, and in calls that
 * change something: what they have begun goes on, whoever waits for it.
 */
export function callSignal(): AbortSignal | undefined {
  return calls.getStore();
}
