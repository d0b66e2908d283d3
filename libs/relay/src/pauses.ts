import type { Runtime } from '@tutti/kernel';

/** Waits that end early when there is nothing to wait for any more. */
export class Pauses {
  private readonly waiting = new Set<() => void>();
  private ended = false;

  constructor(private readonly timers: Runtime['timers']) {}

  /** There is nothing to wait for any more. */
  get areOver(): boolean {
    return this.ended;
  }

  /** Resolves after the delay, or at the end. */
  wait(delayMs: number): Promise<void> {
    if (this.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        cancel();
        this.waiting.delete(finish);
        resolve();
      };
      const cancel = this.timers.after(delayMs, finish);
      this.waiting.add(finish);
    });
  }

  end(): void {
    this.ended = true;
    for (const finish of [...this.waiting]) finish();
  }
}

/** Doubles, up to the longest. */
export function* growingPauses({
  firstPauseMs,
  longestPauseMs,
}: {
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}): Generator<number, never> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) yield pauseMs;
}
