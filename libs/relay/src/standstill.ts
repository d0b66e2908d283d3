import type { Cancel, Runtime } from '@tutti/kernel';

const BEAT_MS = 250;
const STOOD_STILL_MS = 1_000;

/**
 * Notices that the process did not run for a while (stopped by a signal, or its machine slept), and lets the timers that fell due meanwhile go first: whoever watches the
 * seat has one of them.
 */
export class Standstill {
  private lastBeat: number;
  private cancel: Cancel;

  constructor(private readonly runtime: Pick<Runtime, 'clock' | 'timers'>) {
    this.lastBeat = runtime.clock.monotonic();
    this.cancel = this.arm();
  }

  /** Resolves at once, but for the first time after a standstill. */
  async passed(): Promise<void> {
    const { clock, timers } = this.runtime;
    if (clock.monotonic() - this.lastBeat < STOOD_STILL_MS) return;
    this.lastBeat = clock.monotonic();
    await new Promise<void>((resolve) => timers.after(1, resolve));
  }

  close(): void {
    this.cancel();
  }

  private arm(): Cancel {
    return this.runtime.timers.after(
      BEAT_MS,
      () => {
        this.lastBeat = this.runtime.clock.monotonic();
        this.cancel = this.arm();
      },
      'upkeep',
    );
  }
}
