import { isTuttiError, toTuttiError, type Runtime } from '@tutti/kernel';
import { InterruptibleSleeps } from '../hosting/interruptible-sleeps.js';

interface RetryDelays {
  readonly retryDelayMs: number;
  readonly maxRetryDelayMs: number;
}

/** Tries again, with growing waits, what may succeed later; until it is closed. */
export class PatientRetries {
  private readonly sleeps: InterruptibleSleeps;
  private closed = false;

  constructor(
    private readonly runtime: Pick<Runtime, 'timers' | 'random'>,
    private readonly delays: RetryDelays,
  ) {
    this.sleeps = new InterruptibleSleeps(runtime.timers);
  }

  /** @throws what `work` throws that makes no sense to try again, or its newest error once closed */
  async until<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (this.closed || !isTuttiError(error) || !error.retryable) throw toTuttiError(error);
        await this.sleep(tries);
      }
    }
  }

  /** Whoever waits tries once more, and no more after that. */
  close(): void {
    this.closed = true;
    this.sleeps.wakeAll();
  }

  private sleep(tries: number): Promise<void> {
    const { retryDelayMs, maxRetryDelayMs } = this.delays;
    const delay = Math.min(maxRetryDelayMs, retryDelayMs * 2 ** Math.min(tries - 1, 30)) * (1 + this.runtime.random.next() / 4);
    return this.sleeps.sleep(delay);
  }
}
