import { createUuidV7Source, type Cancel, type Runtime } from '@tutti/kernel';
import type { Chance } from './chance.js';
import type { Scheduler } from './scheduler.js';

interface LifeOptions {
  readonly name: string;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  /** Wall clock of the machine it runs on, ahead of simulated time by this. Read anew at each look: clocks jump. */
  readonly wallOffsetMs: () => number;
  readonly onEnd: () => void;
  /** One timer in so many never fires: a deliberate fault. */
  readonly lostTimers?: number;
}

/**
 * One life of one process. Everything that reaches the code in it comes through {@link deliver}, so that a life which has ended hears nothing more, and one that is
 * stopped hears it late. What its code calls goes out through {@link call}, which is where a crash may come between.
 */
export class Life {
  readonly name: string;
  readonly runtime: Runtime;
  alive = true;
  private paused = false;
  private readonly late: (() => void)[] = [];
  private callsLeft = Infinity;

  constructor(private readonly options: LifeOptions) {
    const { scheduler, chance, wallOffsetMs } = options;
    const bornMs = scheduler.nowMs;
    this.name = options.name;
    const clock = { now: () => Math.floor(scheduler.nowMs + wallOffsetMs()), monotonic: () => scheduler.nowMs - bornMs };
    const fill = (bytes: Uint8Array): void => {
      for (let index = 0; index < bytes.length; index += 4) new DataView(bytes.buffer).setUint32(index, chance.next() * 4294967296);
    };
    this.runtime = {
      clock,
      random: chance,
      ids: createUuidV7Source(clock, fill),
      timers: {
        after: (delayMs, callback, upkeep) => {
          if (options.lostTimers !== undefined && chance.happens(1 / options.lostTimers)) return () => undefined;
          return this.schedule(Math.max(0, delayMs) + chance.skewed(0, 3), callback, upkeep === 'upkeep');
        },
        soon: (callback) => void this.schedule(chance.between(0, 0.05), callback),
      },
    };
  }

  /** Happens in this life, unless it has ended by then. */
  schedule(delayMs: number, run: () => void, upkeep = false): Cancel {
    return this.options.scheduler.after(delayMs, () => this.deliver(run), upkeep);
  }

  deliver(run: () => void): void {
    if (!this.alive) return;
    if (this.paused) this.late.push(run);
    else run();
  }

  /** Whether a call of this life's code goes out. Not from a life that has ended, or ends here. */
  call(): boolean {
    if (!this.alive) return false;
    if (--this.callsLeft > 0) return true;
    const wentOut = this.options.chance.happens(0.5);
    this.end();
    return wentOut;
  }

  /** Its end comes at one of its own calls: between two awaits of its code, wherever that is. */
  endAtCall(calls: number): void {
    this.callsLeft = calls;
  }

  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.late.length = 0;
    this.options.onEnd();
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    for (const run of this.late.splice(0)) this.schedule(this.options.chance.skewed(0, 20), run);
  }
}
