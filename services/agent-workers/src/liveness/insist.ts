import { toTuttiError, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { InterruptibleSleeps } from '../hosting/interruptible-sleeps.js';

interface InsistOptions {
  readonly runtime: Pick<Runtime, 'timers' | 'random'>;
  readonly logger: Logger;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Asks again, with growing waits, as long as the other side is away; until it is told to stop. */
export class Insistence {
  private readonly sleeps: InterruptibleSleeps;
  private stopped = false;

  constructor(private readonly options: InsistOptions) {
    this.sleeps = new InterruptibleSleeps(options.runtime.timers);
  }

  /** @throws what the work throws, unless that says that somebody is not there just now; that too once it was told to stop */
  async on<T>(what: string, work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const { kind, retryable } = toTuttiError(error);
        if (this.stopped || !(kind === 'unavailable' || retryable)) throw error;
        this.options.logger[tries === 1 ? 'info' : 'debug'](`waiting: ${what}`, { tries, err: error });
        await this.sleep(tries);
        if (this.stopped) throw error;
      }
    }
  }

  stop(): void {
    this.stopped = true;
    this.sleeps.wakeAll();
  }

  private sleep(tries: number): Promise<void> {
    const { random } = this.options.runtime;
    const delay = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(tries - 1, 20)) * (0.75 + random.next() / 4);
    return this.sleeps.sleep(delay);
  }
}
