import { isoTime, type Runtime } from '@tutti/kernel';
import type { FailedDelivery, SubscribeOptions } from '../event-bus.port.js';
import { Fifo } from '../fifo.js';
import { faultText } from './broker-fault.js';
import type { Entry } from './entry.js';
import type { IntakeLane, PartitionIntake } from './partition-intake.js';

const DEFAULT_CONCURRENCY = 64;
const DEFAULT_MAX_DELIVERIES = 5;
const DEFAULT_RETRY_DELAY_MS = 200;
/** Doubling stops here. */
const MAX_RETRY_DELAY_MS = 60 * 60 * 1000;

export interface DispatcherHooks {
  /** It is handled or dead; `dead` wants its position written at once. */
  readonly onDone: (entry: Entry, intake: PartitionIntake, dead: boolean) => void;
  /** Reading must begin again at this offset. */
  readonly onReread: (intake: PartitionIntake, offset: number) => void;
  readonly onRejected: (entry: Entry, attempt: FailedDelivery) => void;
  /** Resolves once the dead letter is durable. */
  readonly bury: (entry: Entry, attempt: FailedDelivery) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Hands a subscription's messages to its handler: one at a time of each lane, up to its concurrency. */
export class Dispatcher {
  readonly #options: SubscribeOptions;
  readonly #runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly #hooks: DispatcherHooks;
  readonly #ready = new Fifo<IntakeLane>();
  #inHand = 0;

  constructor(options: SubscribeOptions, runtime: Pick<Runtime, 'clock' | 'timers'>, hooks: DispatcherHooks) {
    this.#options = options;
    this.#runtime = runtime;
    this.#hooks = hooks;
  }

  ready(lane: IntakeLane): void {
    const waitMs = (lane.first?.retryAtMs ?? 0) - this.#runtime.clock.monotonic();
    if (waitMs > 0) {
      this.#wait(lane, waitMs);
      return;
    }
    lane.state = 'ready';
    this.#ready.push(lane);
    this.#serve();
  }

  #serve(): void {
    const { concurrency = DEFAULT_CONCURRENCY } = this.#options;
    while (this.#inHand < concurrency) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      // One whose partition went away meanwhile is idle, and another lane by now.
      if (lane.state === 'ready' && lane.first !== null) this.#deliver(lane, lane.first);
    }
  }

  #deliver(lane: IntakeLane, entry: Entry): void {
    lane.state = 'in-hand';
    lane.intake.takenInHand();
    this.#inHand += 1;
    entry.deliveries += 1;
    const { topic, handle } = this.#options;
    const { message, offset, unreadable } = entry;
    const delivery = { ...message, topic, offset, delivery: entry.deliveries };
    const outcome = unreadable === undefined ? Promise.resolve().then(() => handle(delivery)) : Promise.reject(new Error(unreadable));
    outcome.then(
      () => this.#finish(lane, entry, false),
      (error: unknown) => this.#rejected(lane, entry, error),
    );
  }

  #finish(lane: IntakeLane, entry: Entry, dead: boolean): void {
    const { intake } = lane;
    const reread = intake.finish(lane);
    this.#hooks.onDone(entry, intake, dead);
    if (reread !== null) this.#hooks.onReread(intake, reread);
    this.#putDown(lane);
  }

  #rejected(lane: IntakeLane, entry: Entry, error: unknown): void {
    const { member, maxDeliveries = DEFAULT_MAX_DELIVERIES } = this.#options;
    const time = isoTime(this.#runtime.clock.now());
    const attempt = { delivery: entry.deliveries, member, error: faultText(error), time };
    if (entry.deliveries < maxDeliveries && entry.unreadable === undefined) {
      this.#hooks.onRejected(entry, attempt);
      this.#retryLater(lane, entry);
      return;
    }
    // In hand until the dead letter is durable, so that neither its key nor a close goes on before.
    this.#hooks.bury(entry, attempt).then(
      () => this.#finish(lane, entry, true),
      (failure: unknown) => {
        this.#hooks.onError(failure);
        this.#retryLater(lane, entry);
      },
    );
  }

  #retryLater(lane: IntakeLane, entry: Entry): void {
    const { intake } = lane;
    entry.retryAtMs = this.#runtime.clock.monotonic() + this.#delayMs(entry.deliveries);
    if (intake.active) {
      this.#wait(lane, entry.retryAtMs - this.#runtime.clock.monotonic());
    } else {
      intake.abandon(lane);
    }
    this.#putDown(lane);
  }

  #wait(lane: IntakeLane, waitMs: number): void {
    lane.intake.postpone(lane);
    lane.cancelRetry = this.#runtime.timers.after(waitMs, () => {
      lane.cancelRetry = null;
      if (lane.first !== null) lane.first.retryAtMs = 0;
      this.ready(lane);
    });
  }

  #putDown(lane: IntakeLane): void {
    this.#inHand -= 1;
    lane.intake.putDown();
    this.#serve();
  }

  #delayMs(deliveries: number): number {
    const { retryDelayMs = DEFAULT_RETRY_DELAY_MS } = this.#options;
    return Math.min(MAX_RETRY_DELAY_MS, retryDelayMs * 2 ** Math.min(deliveries - 1, 50));
  }
}
