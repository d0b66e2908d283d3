import type { Timers } from '@tutti/kernel';
import type { EventStore, EventSubscription, SubscribeOptions } from '../event-store.port.js';
import { TailSubscription } from './tail-subscription.js';
import { Tail } from './tail.js';
import type { WindowLimits } from './tail-window.js';

export interface SharedTailOptions {
  /** Where the log is and what comes: each subscription to it costs a connection what it brings. */
  readonly store: Pick<EventStore, 'head' | 'subscribe'>;
  readonly timers: Timers;
  /** What is kept of the newest events; a subscription that is further behind has one of its own until it is there again. Default 4,000 events, about 32 MB. */
  readonly limits?: WindowLimits;
}

const DEFAULT_LIMITS: WindowLimits = { events: 4_000, units: 16 * 1024 * 1024 };

/**
 * One subscription for all that a process follows, to what any of them wants and nothing else: what is sent and decoded for each subscription on a connection, as with a server
 * elsewhere, is sent and decoded once.
 */
export class SharedTail {
  private tail: Tail | null = null;
  private readonly subscriptions = new Set<TailSubscription>();

  constructor(private readonly options: SharedTailOptions) {}

  subscribe(options: SubscribeOptions): EventSubscription {
    const { store, timers, limits = DEFAULT_LIMITS } = this.options;
    if (this.tail === null || this.tail.isOver) this.tail = new Tail(store, timers, limits);
    const { tail } = this;
    const subscription = new TailSubscription(options, store, tail);
    this.subscriptions.add(subscription);
    const forget = (): void => {
      this.subscriptions.delete(subscription);
      if (!tail.leave(subscription) || this.tail !== tail) return;
      // Nobody follows any more.
      this.tail = null;
      void tail.close();
    };
    subscription.ended.then(forget, forget);
    return subscription;
  }

  async close(): Promise<void> {
    await Promise.all([...this.subscriptions].map((subscription) => subscription.close()));
    await this.tail?.close();
  }
}
