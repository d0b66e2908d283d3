import type { RecordedEvent } from '@tutti/kernel';
import type { AppendResult, EventSubscription, SubscribeOptions } from '../../event-store.port.js';
import { MemoryEventStore } from '../../in-memory/in-memory-event-store.js';
import { InMemorySubscription } from '../../in-memory/in-memory-subscription.js';
import { rejectedBy, type FaultyEventStore } from './faulty-event-store.js';

type OnBatch = SubscribeOptions['onBatch'];

/** Faults that show in what the handler is given. One `spoil` per subscription. */
abstract class SpoilsBatches extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    return super.subscribe({ ...options, onBatch: this.spoil(options.onBatch, options) });
  }

  protected abstract spoil(onBatch: OnBatch, options: SubscribeOptions): OnBatch;
}

class SkipsAfterCatchingUp extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    let batches = 0;
    return (events, head) => onBatch(++batches === 2 ? events.slice(1) : events, head);
  }
}

class RepeatsAfterCatchingUp extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    let last: readonly RecordedEvent[] = [];
    return (events, head) => {
      const repeated = [...last, ...events];
      last = events.slice(-1);
      return onBatch(repeated, head);
    };
  }
}

class RepeatsOnResume extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    return super.subscribe({ ...options, after: Math.max(options.after - 1, -1) });
  }
}

class SkipsOnResume extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    return super.subscribe({ ...options, after: options.after < 0 ? -1 : options.after + 1 });
  }
}

class StartsOverAtTheHead extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    const atHead = options.after >= (this.log.events.at(-1)?.position ?? -1);
    return super.subscribe({ ...options, after: atHead ? -1 : options.after });
  }
}

class StartsNoLaterThanTheHead extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    return super.subscribe({ ...options, after: Math.min(options.after, this.log.events.at(-1)?.position ?? -1) });
  }
}

class KnowsOnlyTheTypesOfItsStart extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    const known = new Set(this.log.events.map((event) => event.type));
    return (events, head) =>
      onBatch(
        events.filter((event) => known.size === 0 || known.has(event.type)),
        head,
      );
  }
}

class FiltersOnlyUntilCaughtUp extends MemoryEventStore {
  protected override follow(options: SubscribeOptions): InMemorySubscription {
    const start = this.log.events.at(-1)?.position ?? Infinity;
    const isWanted = this.matcher(options.filter);
    const matches = (event: RecordedEvent) => event.position > start || isWanted(event);
    return new InMemorySubscription(
      options,
      () => this.log.events,
      matches,
      () => this.nextTurn(),
    );
  }
}

class HeadStuckBehindFilter extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    return (events) => (events.length === 0 ? undefined : onBatch(events, events.at(-1)?.position ?? -1));
  }
}

class SkipsAfterFilter extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    let nothingMatched = false;
    return (events, head) => {
      const given = nothingMatched ? events.slice(1) : events;
      nothingMatched = events.length === 0;
      return onBatch(given, head);
    };
  }
}

class HeadRunsAhead extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    return (events, head) => onBatch(events, Math.max(head, this.log.events.at(-1)?.position ?? -1));
  }
}

class OverlapsBatches extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    return async (events, head) => {
      void onBatch(events, head);
      await this.nextTurn();
    };
  }
}

class IgnoresMaxBatch extends MemoryEventStore {
  override subscribe({ maxBatch: _, ...options }: SubscribeOptions): EventSubscription {
    return super.subscribe(options);
  }
}

class DropsForSlowSubscribers extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    return (events, head) => onBatch(events.slice(-900), head);
  }
}

class SlowSubscriberHoldsUpAppends extends SpoilsBatches {
  private readonly handling = new Set<Promise<void>>();

  protected spoil(onBatch: OnBatch): OnBatch {
    return async (events, head) => {
      const handled = Promise.resolve(onBatch(events, head));
      this.handling.add(handled);
      await handled.finally(() => this.handling.delete(handled));
    };
  }

  protected override async store(events: readonly RecordedEvent[]): Promise<AppendResult> {
    await Promise.all(this.handling);
    return super.store(events);
  }
}

class SwallowsHandlerErrors extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    return async (events, head) => {
      try {
        await onBatch(events, head);
      } catch {
        // Goes on, as though nothing had happened.
      }
    };
  }
}

class OneErrorEndsAllSubscriptions extends SpoilsBatches {
  protected spoil(onBatch: OnBatch): OnBatch {
    return async (events, head) => {
      try {
        await onBatch(events, head);
      } catch (error) {
        for (const subscription of this.subscriptions) void subscription.close();
        throw error;
      }
    };
  }
}

class CloseDoesNotWait extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    const subscription = super.subscribe(options);
    return { ended: subscription.ended, close: async () => void subscription.close() };
  }
}

class DeliversAfterClose extends SpoilsBatches {
  override subscribe(options: SubscribeOptions): EventSubscription {
    const subscription = super.subscribe(options);
    return { ended: Promise.resolve(), close: () => this.handled.get(options.onBatch) ?? subscription.ended };
  }

  private readonly handled = new Map<OnBatch, Promise<void>>();

  protected spoil(onBatch: OnBatch): OnBatch {
    return (events, head) => {
      const handled = Promise.resolve(onBatch(events, head));
      this.handled.set(onBatch, handled);
      return handled;
    };
  }
}

class LeavesSubscriptionsOnClose extends MemoryEventStore {
  override async close(): Promise<void> {
    this.closed = true;
  }
}

class FailsSubscriptionsOnClose extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    const subscription = super.subscribe(options);
    const ended = subscription.ended.then(() => {
      if (this.closed) throw new Error('the store was closed');
    });
    return { ended, close: () => subscription.close() };
  }
}

class CallsBackInsideSubscribe extends MemoryEventStore {
  override subscribe(options: SubscribeOptions): EventSubscription {
    const first = this.log.events.slice(0, 1);
    if (options.after === -1 && first.length > 0) void options.onBatch(first, 0);
    return super.subscribe({ ...options, after: Math.max(options.after, 0) });
  }
}

export const faultySubscriptions: readonly FaultyEventStore[] = [
  ...rejectedBy('catches up and goes on with new events, without skipping or repeating any, while appends never stop', {
    'skips-after-catching-up': SkipsAfterCatchingUp,
    'repeats-after-catching-up': RepeatsAfterCatchingUp,
  }),
  ...rejectedBy('gives exactly the events after the position it is resumed from', {
    'repeats-on-resume': RepeatsOnResume,
    'skips-on-resume': SkipsOnResume,
  }),
  ...rejectedBy('gives nothing that stood there when it is started at the head', { 'starts-over-at-the-head': StartsOverAtTheHead }),
  ...rejectedBy('gives nothing up to a position that the store has yet to reach', {
    'starts-no-later-than-the-head': StartsNoLaterThanTheHead,
  }),
  ...rejectedBy('gives only what matches its filter, caught up and live, and kinds that are new', {
    'knows-only-the-types-of-its-start': KnowsOnlyTheTypesOfItsStart,
    'filters-only-until-caught-up': FiltersOnlyUntilCaughtUp,
  }),
  ...rejectedBy('moves its head past events that do not match, at rest and live', {
    'head-stuck-behind-filter': HeadStuckBehindFilter,
    'skips-after-filter': SkipsAfterFilter,
  }),
  ...rejectedBy('never gives an event at or below a head it has given before', { 'head-runs-ahead': HeadRunsAhead }),
  ...rejectedBy('gives one batch at a time, none larger than asked for', {
    'overlaps-batches': OverlapsBatches,
    'ignores-max-batch': IgnoresMaxBatch,
  }),
  ...rejectedBy('gives a slow subscriber everything, in order, and does not hold up the others', {
    'drops-for-slow-subscribers': DropsForSlowSubscribers,
    'slow-subscriber-holds-up-appends': SlowSubscriberHoldsUpAppends,
  }),
  ...rejectedBy('ends with what its handler threw, gives no further batch, and leaves others alone', {
    'swallows-handler-errors': SwallowsHandlerErrors,
    'one-error-ends-all-subscriptions': OneErrorEndsAllSubscriptions,
  }),
  ...rejectedBy('closes once the batch at hand is handled, and gives none after it', {
    'close-does-not-wait': CloseDoesNotWait,
    'delivers-after-close': DeliversAfterClose,
  }),
  ...rejectedBy('ends without an error when the store closes, after the batch at hand', {
    'leaves-subscriptions-on-close': LeavesSubscriptionsOnClose,
    'fails-subscriptions-on-close': FailsSubscriptionsOnClose,
  }),
  ...rejectedBy('does not call its handler before subscribe has returned', { 'calls-back-inside-subscribe': CallsBackInsideSubscribe }),
];
