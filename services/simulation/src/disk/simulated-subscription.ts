import { eventMatcher, type EventMatcher, type EventSubscription, type SubscribeOptions } from '@tutti/event-store';
import type { RecordedEvent } from '@tutti/kernel';
import type { Chance } from '../world/chance.js';
import type { Life } from '../world/life.js';
import type { EventLog } from './event-log.js';

const DEFAULT_MAX_BATCH = 1_000;

/** Follows the log in batches of a size that the seed decides, one at a time. */
export class SimulatedSubscription implements EventSubscription {
  readonly ended: Promise<void>;
  private readonly settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  private readonly isWanted: EventMatcher;
  private next: number;
  private busy = false;
  private closing = false;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly life: Life,
    private readonly log: EventLog,
    private readonly chance: Chance,
    private readonly delayMs: () => number,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ended = promise;
    this.settle = { resolve, reject };
    this.isWanted = eventMatcher(options.filter);
    this.next = options.after + 1;
    this.wake();
  }

  get isLive(): boolean {
    return this.life.alive && !this.closing;
  }

  wake(): void {
    if (this.busy || !this.isLive || this.next > this.log.head) return;
    this.busy = true;
    this.life.schedule(this.delayMs(), () => void this.handOver());
  }

  close(): Promise<void> {
    this.closing = true;
    if (!this.busy) this.settle.resolve();
    return this.ended.catch(() => undefined);
  }

  private async handOver(): Promise<void> {
    if (this.closing) return this.settle.resolve();
    const batch = this.take();
    try {
      await this.options.onBatch(batch, this.next - 1);
    } catch (error) {
      this.closing = true;
      this.settle.reject(error);
      return;
    }
    this.busy = false;
    if (this.closing) this.settle.resolve();
    else this.wake();
  }

  private take(): readonly RecordedEvent[] {
    const most = Math.min(this.options.maxBatch ?? DEFAULT_MAX_BATCH, this.chance.int(1, 200));
    const batch: RecordedEvent[] = [];
    while (this.next <= this.log.head && batch.length < most) {
      const event = this.log.events[this.next++] as RecordedEvent;
      if (this.isWanted(event)) batch.push(event);
    }
    return batch;
  }
}
