import { TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import type { LoadClass } from '@tutti/rest-contract';
import type { Logger } from '@tutti/service-kit';
import { SHED_ORDER, type LimitsConfig } from './limits.config.js';
import type { LoadGauges } from './load-monitor.js';

interface ShedderParts {
  readonly config: LimitsConfig['shedding'];
  readonly gauges: LoadGauges;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly logger: Logger;
}

const LOOK_MS = 250;
/** Lower than where a step begins by so much counts as low again. */
const LOW = 0.7;
const RETRY_AFTER_SECONDS = 2;

type Signal = 'loopDelayMs' | 'inFlight' | 'storeQueue';

/**
 * Refuses work before everything gets slow: `new-work` first, then `change`, then `read`, never what is `vital`. A step is taken at once; it is taken back, one at a time, after all that is
 * measured was low for a while.
 */
export class LoadShedder {
  private readonly current: Record<Signal, number> = { loopDelayMs: 0, inFlight: 0, storeQueue: 0 };
  private step = 0;
  private lowSinceMs: number | null = null;
  private refused = 0;
  private stopLooking: Cancel = () => {};

  constructor(private readonly parts: ShedderParts) {}

  start(): void {
    this.stopLooking = this.parts.runtime.timers.after(
      LOOK_MS,
      () => {
        this.look();
        this.start();
      },
      'upkeep',
    );
  }

  stop(): void {
    this.stopLooking();
  }

  /** @throws TuttiError OVERLOADED */
  admit(load: LoadClass): void {
    const at = SHED_ORDER.indexOf(load);
    if (at < 0 || at >= Math.max(this.step, this.stepOf('inFlight', 1))) return;
    this.refused += 1;
    throw new TuttiError('OVERLOADED', `too much is going on: ${SHED_ORDER.slice(0, at + 1).join(', ')} must wait`, {
      details: { retryAfterSeconds: RETRY_AFTER_SECONDS, refused: SHED_ORDER.slice(0, Math.max(this.step, at + 1)).join(', ') },
    });
  }

  enter(): void {
    this.current.inFlight += 1;
  }

  leave(): void {
    this.current.inFlight -= 1;
  }

  /** For the health checks; empty while nothing is refused. */
  get reasons(): readonly string[] {
    if (this.step === 0) return [];
    return [`sheds load: ${SHED_ORDER.slice(0, this.step).join(', ')} must wait (${this.describe()})`];
  }

  /** In one line, for whoever looks after the process. */
  describe(): string {
    const { loopDelayMs, inFlight, storeQueue } = this.current;
    return `event loop ${Math.round(loopDelayMs)} ms late, ${inFlight} requests in flight, store queue ${Math.round(storeQueue * 100)} % full, ${this.refused} refused`;
  }

  private look(): void {
    const { gauges, runtime, config } = this.parts;
    this.current.loopDelayMs = gauges.loopDelayMs();
    this.current.storeQueue = gauges.storeQueue();
    const wanted = this.highest(1);
    const nowMs = runtime.clock.monotonic();
    if (wanted > this.step) this.change(wanted);
    if (this.step === 0 || this.highest(LOW) >= this.step) {
      this.lowSinceMs = null;
      return;
    }
    this.lowSinceMs ??= nowMs;
    if (nowMs - this.lowSinceMs < config.holdMs) return;
    this.lowSinceMs = null;
    this.change(this.step - 1);
  }

  private highest(share: number): number {
    return Math.max(this.stepOf('loopDelayMs', share), this.stepOf('inFlight', share), this.stepOf('storeQueue', share));
  }

  private stepOf(signal: Signal, share: number): number {
    return this.parts.config[signal].filter((least) => this.current[signal] >= least * share).length;
  }

  private change(step: number): void {
    const what = step > this.step ? 'sheds load' : step > 0 ? 'sheds less load' : 'sheds no more load';
    this.parts.logger.warn(what, { refuses: SHED_ORDER.slice(0, step), ...this.current, refusedSoFar: this.refused });
    this.step = step;
  }
}
