import { TuttiError, type Runtime } from '@tutti/kernel';

interface Waiter {
  readonly position: number;
  readonly resolve: () => void;
  readonly reject: (error: TuttiError) => void;
}

/** Those who wait until a projection has folded a position. */
export class PositionWaiters {
  private readonly waiting = new Set<Waiter>();

  constructor(
    private readonly name: string,
    private readonly timers: Runtime['timers'],
  ) {}

  /** @throws TuttiError TIMED_OUT, or what {@link rejectAll} gives. */
  wait(position: number, timeoutMs: number, current: () => number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const cancel = this.timers.after(timeoutMs, () => {
        const message = `projection ${this.name} is at position ${current()}, expected ${position} within ${timeoutMs} ms`;
        waiter.reject(new TuttiError('TIMED_OUT', message, { details: { projection: this.name, expected: position, actual: current() } }));
      });
      const giveUp = (): void => waiter.reject(new TuttiError('TIMED_OUT', `nobody waits for position ${position} any more`));
      const leave = () => {
        cancel();
        signal?.removeEventListener('abort', giveUp);
        this.waiting.delete(waiter);
      };
      const waiter: Waiter = {
        position,
        resolve: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      this.waiting.add(waiter);
      signal?.addEventListener('abort', giveUp);
      if (signal?.aborted === true) giveUp();
    });
  }

  advance(position: number): void {
    for (const waiter of [...this.waiting]) if (waiter.position <= position) waiter.resolve();
  }

  rejectAll(error: TuttiError): void {
    for (const waiter of [...this.waiting]) waiter.reject(error);
  }
}
