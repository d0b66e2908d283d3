import type { Cancel, Runtime } from '@tutti/kernel';

/** Waits that all end at once when they are told to. */
export class InterruptibleSleeps {
  private readonly sleeping = new Set<() => void>();

  constructor(private readonly timers: Runtime['timers']) {}

  /** Resolves after `ms` milliseconds, or when everybody is woken. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const wake = (): void => {
        cancel();
        this.sleeping.delete(wake);
        resolve();
      };
      cancel = this.timers.after(ms, wake);
      this.sleeping.add(wake);
    });
  }

  /** Whoever sleeps from now on sleeps its time. */
  wakeAll(): void {
    for (const wake of [...this.sleeping]) wake();
  }
}
