import type { JsonValue } from '@tutti/agent-sdk';
import type { StoredValue } from '@tutti/contracts';
import { toTuttiError, type Timers } from '@tutti/kernel';
import type { ValueStore } from '@tutti/service-kit';
import type { Attempt } from './attempt.js';

interface InputParts {
  readonly values: Pick<ValueStore, 'load'>;
  readonly timers: Pick<Timers, 'after'>;
}

const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 2_000;

/**
 * The input of an attempt that is kept beside its event. While whatever keeps it is away the attempt waits: the agent has not begun, and it would be no failure of
 * its own. Ends with the attempt.
 *
 * @throws what keeps it from being read for good, or why the attempt was aborted
 */
export async function loadInput(attempt: Attempt, input: StoredValue, { values, timers }: InputParts): Promise<JsonValue> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
    try {
      return await values.load(input);
    } catch (thrown) {
      attempt.refuseWhenOver();
      const error = toTuttiError(thrown);
      if (!error.retryable && error.kind !== 'unavailable') throw thrown;
      if (waitMs === FIRST_WAIT_MS)
        attempt.log('warn', 'the input cannot be read just now; the task waits for it', { reason: error.message });
    }
    // Nobody is silent here: the agent has nothing to begin with.
    attempt.heartbeat();
    await untilAborted(attempt, waitMs, timers);
    attempt.refuseWhenOver();
  }
}

function untilAborted({ signal }: Attempt, limitMs: number, timers: Pick<Timers, 'after'>): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = timers.after(limitMs, end);
    signal.addEventListener('abort', end);
  });
}
