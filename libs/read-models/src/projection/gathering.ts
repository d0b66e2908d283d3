import type { Timers } from '@tutti/kernel';

/**
 * The rest between two steps of a projection whose steps are costly, as by calls to a server: what comes meanwhile is folded in one. Nobody waits for it
 * who can be known to wait.
 */
export class Gathering {
  private wake: (() => void) | null = null;

  /**
   * @param restMs how long, asked before each rest
   * @param isAwaited whether somebody waits for what is not folded yet
   */
  constructor(
    private readonly timers: Pick<Timers, 'after'>,
    private readonly restMs: () => number,
    private readonly isAwaited: () => boolean,
  ) {}

  /** Resolves when the rest is over; at once where somebody waits. */
  rest(): Promise<void> {
    if (this.isAwaited()) return Promise.resolve();
    return new Promise((resolve) => {
      const over = (): void => {
        this.wake = null;
        cancel();
        resolve();
      };
      const cancel = this.timers.after(this.restMs(), over);
      this.wake = over;
    });
  }

  /** Somebody waits now, or it is to end: the rest is over. */
  hurry(): void {
    this.wake?.();
  }
}
