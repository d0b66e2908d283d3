import type { Cancel, Runtime } from '@tutti/kernel';
import type { Pauses } from './pauses.js';
import type { RelayLog, RelaySeat } from './relay-ports.js';

interface FenceOptions {
  readonly seat: RelaySeat;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly pauses: Pauses;
  readonly log: RelayLog;
  /** Told once, when the seat is lost. */
  readonly onLost: () => void;
}

const BEAT_MS = 250;
const STOOD_STILL_MS = 1_000;
const LOOK_AGAIN_MS = 50;
/** Longer than a directory that answers takes to say who has the seat. */
const HOLD_MS = 3_000;

/**
 * Whether this process may publish. Not once another has the seat. While nobody can say, after the process stood still or with the directory away, it holds on for a while; then it
 * goes on: where the directory is away for everybody, nobody else can take the seat, and runs wait for their commands. Two that publish at once make repeats, nothing else.
 */
export class Fence {
  private lost = false;
  private lastBeat: number;
  private cancelBeat: Cancel;
  private isHeldOut = false;
  private readonly forget: () => void;

  constructor(private readonly options: FenceOptions) {
    this.lastBeat = options.runtime.clock.monotonic();
    this.cancelBeat = this.beat();
    this.forget = options.seat.onLost(() => {
      this.lost = true;
      options.onLost();
    });
  }

  get isLost(): boolean {
    return this.lost;
  }

  /** Resolves at once while all is well. */
  async mayPublish(): Promise<boolean> {
    await this.afterStandstill();
    if (this.isSure()) this.isHeldOut = false;
    else if (!this.isHeldOut) await this.holdOut();
    return !this.lost;
  }

  close(): void {
    this.cancelBeat();
    this.forget();
  }

  /** Timers that fell due while the process did not run go first: whoever watches the seat may have one of them. */
  private async afterStandstill(): Promise<void> {
    const { clock, timers } = this.options.runtime;
    if (clock.monotonic() - this.lastBeat < STOOD_STILL_MS) return;
    this.lastBeat = clock.monotonic();
    await new Promise<void>((resolve) => timers.after(1, resolve));
  }

  private async holdOut(): Promise<void> {
    const { runtime, pauses, log } = this.options;
    const until = runtime.clock.monotonic() + HOLD_MS;
    while (!this.lost && !this.isSure() && !pauses.areOver) {
      if (runtime.clock.monotonic() >= until) {
        this.isHeldOut = true;
        log.warn('the relay cannot be sure of its seat and goes on: nobody says that another has it', { waitedMs: HOLD_MS });
        return;
      }
      await pauses.wait(LOOK_AGAIN_MS);
    }
  }

  private isSure(): boolean {
    return (this.options.seat.sureForMs?.() ?? 1) > 0;
  }

  private beat(): Cancel {
    const { clock, timers } = this.options.runtime;
    return timers.after(
      BEAT_MS,
      () => {
        this.lastBeat = clock.monotonic();
        this.cancelBeat = this.beat();
      },
      'upkeep',
    );
  }
}
