import type { AnnouncementAnswer, AttemptRef, BeatAnswer } from '@tutti/contracts';
import type { Cancel, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

interface HeartOptions {
  readonly worker: string;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  /** Attempts whose agent has been silent for too long. */
  readonly silent: () => readonly AttemptRef[];
  readonly beat: (silent: readonly AttemptRef[]) => Promise<BeatAnswer>;
  /** Tells the owner who is here and what is held. */
  readonly announce: () => Promise<AnnouncementAnswer>;
  /** Attempts whose place another has taken. */
  readonly superseded: (attempts: readonly AttemptRef[]) => void;
}

/**
 * Gives signs of life as often as the owner asks for, and announces the worker anew to an owner that does not know it. One timer for the whole
 * worker, one sign of life under way at a time: while the owner is away nothing piles up.
 */
export class Heart {
  private beatMs = 0;
  private cancelTimer: Cancel | null = null;
  private busy = false;
  /** An announcement is wanted as soon as what is under way has ended. */
  private wanted = false;
  private stopped = false;

  constructor(private readonly options: HeartOptions) {}

  /** Announces, then beats. @throws what the announcement throws: it does not beat then */
  async start(): Promise<void> {
    this.busy = true;
    await this.announce();
    this.rest();
  }

  /** Somebody has come who does not know the worker: they learn of it now. */
  renew(): void {
    if (this.stopped) return;
    this.wanted = true;
    if (this.busy || this.beatMs === 0) return;
    this.cancelTimer?.();
    this.turn();
  }

  stop(): void {
    this.stopped = true;
    this.cancelTimer?.();
  }

  private async announce(): Promise<void> {
    this.wanted = false;
    const { beatMs, superseded } = await this.options.announce();
    this.beatMs = beatMs;
    this.drop(superseded);
  }

  private drop(superseded: readonly AttemptRef[]): void {
    if (superseded.length > 0) this.options.superseded(superseded);
  }

  /** One at a time. */
  private turn(): void {
    this.busy = true;
    void this.beat().finally(() => this.rest());
  }

  private rest(): void {
    this.busy = false;
    if (this.stopped) return;
    if (this.wanted) return this.turn();
    this.cancelTimer = this.options.runtime.timers.after(this.beatMs, () => this.turn(), 'upkeep');
  }

  private async beat(): Promise<void> {
    const { worker, logger, silent, beat } = this.options;
    try {
      if (this.wanted) return await this.announce();
      const { known, superseded = [] } = await beat(silent());
      if (this.stopped) return;
      this.drop(superseded);
      if (known) return;
      logger.info('the owner does not know this worker; it announces itself anew', { worker });
      await this.announce();
    } catch (error) {
      logger.debug('the owner could not be given a sign of life', { worker, err: error });
    }
  }
}
