import type { StoredValue, TaskChannel } from '@tutti/contracts';
import { toTuttiError, type ErrorKind, type JsonValue, type Runtime } from '@tutti/kernel';
import type { Logger, ValueStore } from '@tutti/service-kit';
import { attemptError, type AttemptError } from './attempt-failure.js';
import type { Attempt } from './attempt.js';
import { InterruptibleSleeps } from './interruptible-sleeps.js';

export type AttemptResult =
  | { readonly outcome: 'succeeded'; readonly output: JsonValue; readonly durationMs: number }
  | { readonly outcome: 'failed'; readonly error: AttemptError; readonly durationMs: number };

interface ReporterOptions {
  readonly worker: string;
  readonly channel: Pick<TaskChannel, 'report'>;
  readonly values: Pick<ValueStore, 'store'>;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Wait before the second try, doubled up to the longest, with up to a quarter of it at random on top. */
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
}

const REFUSALS: ReadonlySet<ErrorKind> = new Set(['invalid', 'too-large', 'not-found']);

/** Hands results over until they are durable: until then they are the worker's. */
export class ResultReporter {
  private readonly sleeps: InterruptibleSleeps;
  private stopped = false;

  constructor(private readonly options: ReporterOptions) {
    this.sleeps = new InterruptibleSleeps(options.runtime.timers);
  }

  /** Resolves to whether the result is durable; false when it was refused for good, or after {@link stop}. Never rejects. */
  async deliver(attempt: Attempt, result: AttemptResult): Promise<boolean> {
    const { channel, worker, logger } = this.options;
    let current = result;
    let stored: StoredValue | null = null;
    for (let tries = 1; ; tries++) {
      try {
        if (current.outcome === 'failed') {
          await channel.report(worker, attempt.ref, current);
        } else {
          stored ??= await this.options.values.store(current.output);
          await channel.report(worker, attempt.ref, { outcome: 'succeeded', output: stored, durationMs: current.durationMs });
        }
        return true;
      } catch (thrown) {
        const error = toTuttiError(thrown);
        const fields = { ...attempt.ref, tries, err: error };
        if (error.kind === 'failed-precondition' || (REFUSALS.has(error.kind) && current.outcome === 'failed')) {
          logger.error('result was refused; the owner knows the attempt no longer, or not that way', fields);
          return false;
        }
        // No number of tries makes such an output acceptable: the attempt failed, which the owner must learn.
        if (REFUSALS.has(error.kind)) current = unstorable(current, thrown);
        else logger.warn('result could not be handed over yet', fields);
        if (this.stopped) return false;
        await this.sleep(tries);
        if (this.stopped) return false;
      }
    }
  }

  /** Ends waits; results that are not durable stay undelivered. */
  stop(): void {
    this.stopped = true;
    this.sleeps.wakeAll();
  }

  private sleep(tries: number): Promise<void> {
    const { retryDelayMs, maxRetryDelayMs, runtime } = this.options;
    const delay = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** Math.min(tries - 1, 30)) * (1 + runtime.random.next() / 4);
    return this.sleeps.sleep(delay);
  }
}

function unstorable(result: AttemptResult, thrown: unknown): AttemptResult {
  const { message } = attemptError(thrown);
  return {
    outcome: 'failed',
    error: { code: 'AGENT_FAILED', message: `the output cannot be stored: ${message}`, retryable: false },
    durationMs: result.durationMs,
  };
}
