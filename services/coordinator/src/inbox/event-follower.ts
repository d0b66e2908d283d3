import { categoryOfEventType, type InboxEvent } from '@tutti/contracts';
import type { EventFilter, EventStore, EventSubscription } from '@tutti/event-store';
import { TuttiError, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import { EventWatch, type OnEvent, type WatchRequest } from './event-watch.js';

interface FollowerParts {
  readonly store: Pick<EventStore, 'readAll' | 'subscribe'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

export interface WatchHandle {
  /** No event is handed over any more, except one that is being handed over just now. */
  close(): void;
}

const TRY_AGAIN_MS = 1_000;

/**
 * Tells of events from outside and of those that Tutti records, to whoever asked for their type, from the position that each names. Every watcher gets all of
 * its events in order, one at a time, whatever the others do. One subscription serves all; without watchers there is none, and it holds only the types
 * that somebody asked for.
 */
export class EventFollower {
  private readonly watches = new Map<string, Set<EventWatch>>();
  private subscription: EventSubscription | null = null;
  /** Types that the subscription brings. */
  private followed: ReadonlySet<string> = new Set();
  private reached = -1;
  private readonly late = new Set<EventWatch>();
  private catchingUp: Promise<void> | null = null;
  private closed = false;

  constructor(private readonly parts: FollowerParts) {}

  /** @throws TuttiError SHUTTING_DOWN once closed */
  watch(request: WatchRequest, onEvent: OnEvent): WatchHandle {
    if (this.closed)
      throw new TuttiError('SHUTTING_DOWN', `events of type "${request.eventType}" are not followed any more: the coordinator is stopping`);
    const { runtime, logger } = this.parts;
    const watch = new EventWatch(request, onEvent, { runtime, logger, onRoom: (ready) => this.roomIn(ready) });
    const isFirst = this.watches.size === 0;
    const ofType = this.watches.get(request.eventType) ?? new Set();
    this.watches.set(request.eventType, ofType.add(watch));
    if (isFirst) this.reached = request.after;
    if (isFirst || !this.followed.has(request.eventType)) this.follow();
    // What the subscription has passed must be read; the rest it brings.
    if (request.after < this.reached) this.fallBehind(watch);
    return { close: () => this.drop(watch) };
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const ofType of this.watches.values()) for (const watch of ofType) watch.close();
    this.watches.clear();
    this.late.clear();
    const { subscription } = this;
    this.subscription = null;
    await subscription?.close();
    await this.catchingUp;
  }

  private drop(watch: EventWatch): void {
    watch.close();
    this.late.delete(watch);
    const { eventType } = watch.request;
    const ofType = this.watches.get(eventType);
    ofType?.delete(watch);
    if (ofType?.size === 0) this.watches.delete(eventType);
    if (this.watches.size > 0 || this.subscription === null) return;
    const { subscription } = this;
    this.subscription = null;
    void subscription.close();
  }

  /** Begins the subscription, or replaces it by one with the types that are asked for now. */
  private follow(): void {
    void this.subscription?.close();
    this.followed = new Set(this.watches.keys());
    const subscription: EventSubscription = this.parts.store.subscribe({
      after: this.reached,
      filter: filterOf(this.followed),
      onBatch: (events, head) => {
        if (this.subscription !== subscription) return;
        for (const event of events) this.dispatch(event);
        // Whoever was told may have asked for another type: that subscription began where this one stood before the batch.
        if (this.subscription === subscription) this.reached = head;
      },
    });
    this.subscription = subscription;
    subscription.ended.catch((error: unknown) => {
      if (this.subscription !== subscription) return;
      this.parts.logger.warn('events are no longer followed; it is tried again', { err: error });
      this.parts.runtime.timers.after(TRY_AGAIN_MS, () => {
        if (this.subscription === subscription) this.follow();
      });
    });
  }

  private dispatch(event: RecordedEvent): void {
    for (const watch of this.watches.get(typeOf(event)) ?? []) {
      if (watch.behind) watch.missed = true;
      else if (!watch.offer(event)) this.fallBehind(watch);
    }
  }

  private fallBehind(watch: EventWatch): void {
    watch.behind = true;
    this.late.add(watch);
    if (watch.hasRoom) this.startCatchUp();
  }

  private roomIn(watch: EventWatch): void {
    if (watch.behind) this.startCatchUp();
  }

  private startCatchUp(): void {
    // Watches that come in one turn of the loop, as after a start, are read for together.
    this.catchingUp ??= new Promise<void>((resolve) => this.parts.runtime.timers.soon(resolve))
      .then(() => this.catchUp())
      .then(
        () => this.caughtUp(),
        (error: unknown) => this.catchUpLater(error),
      );
  }

  private caughtUp(): void {
    this.catchingUp = null;
    if (!this.closed && [...this.late].some(({ hasRoom }) => hasRoom)) this.startCatchUp();
  }

  private catchUpLater(error: unknown): void {
    if (this.closed) return;
    this.parts.logger.warn('events could not be read for who waits for them; it is tried again', { err: error });
    this.parts.runtime.timers.after(TRY_AGAIN_MS, () => this.caughtUp());
  }

  /** One reading for all who are behind and have room. Who gets no further in it, is behind still. */
  private async catchUp(): Promise<void> {
    const batch = new Map<string, Set<EventWatch>>();
    const ready = [...this.late].filter(({ hasRoom }) => hasRoom);
    if (ready.length === 0) return;
    for (const watch of ready) {
      watch.missed = false;
      batch.set(watch.request.eventType, (batch.get(watch.request.eventType) ?? new Set()).add(watch));
    }
    const from = Math.min(...ready.map(({ reached }) => reached)) + 1;
    for await (const event of this.parts.store.readAll({ from, filter: filterOf(new Set(batch.keys())) })) {
      if (this.closed) return;
      const type = typeOf(event);
      for (const watch of batch.get(type) ?? []) if (!watch.offer(event)) batch.get(type)?.delete(watch);
    }
    // What was appended after the reading comes by the subscription, unless that has brought it already.
    for (const watch of ready) {
      if (watch.missed || batch.get(watch.request.eventType)?.has(watch) !== true) continue;
      watch.behind = false;
      this.late.delete(watch);
    }
  }
}

/** What it is watched as. */
function typeOf(event: RecordedEvent): string {
  return event.type === 'EventReceived' ? (event.data as unknown as InboxEvent['data']).eventType : event.type;
}

/** Types that nobody here records come from outside. */
function filterOf(types: ReadonlySet<string>): EventFilter {
  const recorded = [...types].map((type) => (categoryOfEventType(type) === null ? 'EventReceived' : type));
  const categories = recorded.map((type) => categoryOfEventType(type) ?? 'inbox');
  return { categories: [...new Set(categories)], types: [...new Set(recorded)] };
}
