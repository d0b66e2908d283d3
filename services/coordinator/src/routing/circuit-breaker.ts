export interface BreakerOptions {
  /** So many failures in a row open it; 0 for never. */
  readonly failures: number;
  /** How long an agent gets nothing then. */
  readonly coolDownMs: number;
}

interface Failure {
  readonly kind: 'failed';
  readonly cause: 'error' | 'timeout' | 'lost';
  /** The task is tried again. */
  readonly retried: boolean;
}

/**
 * Keeps tasks from an agent that fails again and again. Closed: all goes through. Open: nothing, until the cool-down is over. Half-open: one
 * task, as a probe; its success closes, its failure opens again. All times are of the monotonic clock.
 */
export class CircuitBreaker {
  private state: 'closed' | 'open' | 'half-open' = 'closed';
  private inRow = 0;
  private openUntilMs = 0;
  private isProbing = false;
  private lastLostWorker: string | null = null;

  constructor(private readonly options: BreakerOptions) {}

  /** Why the agent gets no task now; null when it may have one. */
  refusal(nowMs: number): string | null {
    if (this.state === 'closed') return null;
    if (this.state === 'open' && nowMs >= this.openUntilMs) {
      this.state = 'half-open';
      this.isProbing = false;
    }
    const because = `its breaker opened after ${this.inRow} failures in a row`;
    if (this.state === 'open') return `${because}; it is tried again in ${Math.ceil((this.openUntilMs - nowMs) / 1_000)} s`;
    return this.isProbing ? `${because}; one task is with it as a probe` : null;
  }

  /** The agent was given a task. */
  assigned(): void {
    if (this.state === 'half-open') this.isProbing = true;
  }

  /** A task was taken back without a result. */
  takenBack(): void {
    this.isProbing = false;
  }

  succeeded(): void {
    this.state = 'closed';
    this.inRow = 0;
    this.isProbing = false;
  }

  /**
   * An error of an attempt that is tried again says nothing yet: an agent that needs two tries for each of many tasks at once is slow, not broken. What one worker loses at once says that the worker is gone, once, however many tasks it had.
   *
   * @returns when the cool-down ends; null when it was not opened by this
   */
  failed({ cause, retried }: Failure, worker: string, nowMs: number): number | null {
    const saysNothing = (cause === 'error' && retried) || (cause === 'lost' && this.lastLostWorker === worker);
    if (cause === 'lost') this.lastLostWorker = worker;
    if (saysNothing || this.options.failures === 0) {
      this.takenBack();
      return null;
    }
    this.inRow++;
    if (this.state === 'open' || (this.state === 'closed' && this.inRow < this.options.failures)) return null;
    this.state = 'open';
    this.isProbing = false;
    this.openUntilMs = nowMs + this.options.coolDownMs;
    return this.openUntilMs;
  }
}
