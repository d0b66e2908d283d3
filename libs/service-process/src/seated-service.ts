import { isTuttiError, TuttiError } from '@tutti/kernel';
import type { Phase } from '@tutti/service-kit';
import type { Seat } from './directory/directory.port.js';
import { untilConnected, type ProcessParts } from './process-parts.js';
import { ServiceLife } from './service-life.js';

interface SeatedServiceOptions {
  readonly parts: ProcessParts;
  /** What there is one of, like `registry`. */
  readonly role: string;
  /** Made anew for each time that this process has the seat. */
  readonly phases: () => Promise<readonly Phase[]>;
  /** Told who has it, once for each time that this process waits for it. */
  readonly onStandby: (holder: string | null) => void;
}

const TRY_AGAIN_MS = 1_000;

/** A service that one process is at a time: this one from when it has the seat until it loses it, then it stands by again. */
export class SeatedService {
  private seat: Seat | null = null;
  private life: ServiceLife | null = null;
  private stopped = false;
  private stopping: Promise<void> | null = null;

  constructor(private readonly options: SeatedServiceOptions) {}

  /** Resolves when it serves for the first time. @throws what kept it from starting; SHUTTING_DOWN when it was stopped before */
  async start(): Promise<void> {
    try {
      await untilConnected(this.options.parts);
      await this.serve();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Ends in order, and lets the next process have the seat. Repeats answer the first call. */
  stop(): Promise<void> {
    return (this.stopping ??= this.end());
  }

  private async end(): Promise<void> {
    this.stopped = true;
    const { parts } = this.options;
    const down = async (): Promise<void> => {
      await this.life?.stop();
      await parts.close();
    };
    if (this.seat === null) await down();
    else await this.seat.leaveAfter(down);
  }

  private async serve(): Promise<void> {
    const { parts, role, phases, onStandby } = this.options;
    const { runtime, logger, directory, health } = parts;
    if (this.stopped) throw new TuttiError('SHUTTING_DOWN', `this process was stopped before it became the ${role}`);
    const seat = directory.seat(role);
    this.seat = seat;
    health.set('standing by');
    await seat.take(onStandby);
    let isLost = false;
    seat.onLost(() => {
      isLost = true;
      if (this.life !== null) void this.standByAgain(seat);
    });
    const life = new ServiceLife({ runtime, logger, wait: () => Promise.resolve(), phases, close: () => Promise.resolve() });
    await life.start();
    this.life = life;
    if (isLost) void this.standByAgain(seat);
  }

  /** Another process is it now. */
  private async standByAgain(seat: Seat): Promise<void> {
    const { parts, role } = this.options;
    const { life } = this;
    this.life = null;
    await life?.stop();
    await seat.leave();
    while (!this.stopped) {
      try {
        return await this.serve();
      } catch (error) {
        if (this.stopped && isTuttiError(error, 'SHUTTING_DOWN')) return;
        parts.logger.error('could not serve again; it is tried on', { role, err: error });
      }
      await this.seat?.leave();
      await new Promise<void>((resolve) => parts.runtime.timers.after(TRY_AGAIN_MS, resolve));
    }
  }
}
