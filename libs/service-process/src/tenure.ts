import { isTuttiError, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Seat } from './directory/directory.port.js';

interface TenureParts {
  /** What there is one of, like `triggers`. */
  readonly name: string;
  /** Another one each time. */
  readonly seat: () => Seat;
  /** Begins a new life of the part. When it throws, `stop` is called as well. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const TRY_AGAIN_MS = 1_000;

/** A part of a service that one of its processes has at a time: here from when this process has the seat until it loses it or leaves; then it waits again. */
export class Tenure {
  private readonly ending = Promise.withResolvers<void>();
  private ended = false;
  private seat: Seat | null = null;
  private holding: Promise<void> = Promise.resolve();

  constructor(private readonly parts: TenureParts) {}

  /** Waits in the background. */
  begin(): void {
    this.holding = this.hold();
  }

  /** Stops the part, then lets the next process have it. */
  async end(): Promise<void> {
    this.ended = true;
    this.ending.resolve();
    if (this.seat !== null) await this.seat.leaveAfter(() => this.holding);
    else await this.holding;
  }

  private async hold(): Promise<void> {
    const { name, seat: newSeat, logger } = this.parts;
    while (!this.ended) {
      const seat = newSeat();
      this.seat = seat;
      try {
        await seat.take();
        await this.serve(seat);
      } catch (error) {
        if (this.ended && isTuttiError(error, 'SHUTTING_DOWN')) return;
        logger.warn('a part that one process has at a time could not be begun; it is tried again', { part: name, err: error });
      }
      // The process ends: the seat is left behind what still goes on.
      if (this.ended) return;
      await seat.leave();
      await this.pause();
    }
  }

  private async serve(seat: Seat): Promise<void> {
    const { name, start, stop, logger } = this.parts;
    const lost = Promise.withResolvers<void>();
    const endListening = seat.onLost(lost.resolve);
    try {
      await start();
      logger.info('has begun a part that one process has at a time', { part: name });
      await Promise.race([lost.promise, this.ending.promise]);
    } finally {
      endListening();
      await stop();
      logger.info('has ended a part that one process has at a time', { part: name });
    }
  }

  private async pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.parts.runtime.timers.after(TRY_AGAIN_MS, resolve);
    await Promise.race([promise, this.ending.promise]);
    cancel();
  }
}
