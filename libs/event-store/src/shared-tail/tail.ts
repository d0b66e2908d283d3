import type { Cancel, RecordedEvent, Timers } from '@tutti/kernel';
import { coversFilter, unionOfFilters, type EventMatcher } from '../event-filter.js';
import type { EventFilter, EventStore, EventSubscription } from '../event-store.port.js';
import { TailWindow, type WindowLimits } from './tail-window.js';

/** Who waits only for the head to move hears of it so late: what comes next may come with it. */
const HEAD_MS = 20;
/** Who wants more names than these is given everything. */
const MAX_NAMES = 100;
/** After so many events it is looked whether they are still wanted. */
const NARROW_AFTER = 1_000;

interface Waiter {
  readonly isWanted: EventMatcher;
  readonly resolve: (why: 'event' | 'head') => void;
}

/**
 * One subscription to what those who follow it want, from the head of its start on, and who waits for what it brings. When somebody wants more it is replaced by a wider one that goes
 * on where it stands.
 */
export class Tail {
  /** Settles when the subscription has ended, as that does. */
  readonly ended: Promise<void>;
  private readonly end = Promise.withResolvers<void>();
  private readonly followers = new Map<object, EventFilter>();
  private window: TailWindow | null = null;
  private source: EventSubscription | null = null;
  private filter: EventFilter = {};
  private sinceLook = 0;
  private waiting: readonly Waiter[] = [];
  private cancelHead: Cancel | null = null;
  private closing = false;
  private hasEnded = false;

  constructor(
    private readonly store: Pick<EventStore, 'head' | 'subscribe'>,
    private readonly timers: Timers,
    private readonly limits: WindowLimits,
  ) {
    this.ended = this.end.promise.finally(() => {
      this.hasEnded = true;
      this.cancelHead?.();
      this.wake();
    });
    // Every subscription on it hears of it.
    this.ended.catch(() => undefined);
    this.start().catch((error: unknown) => this.end.reject(error));
  }

  get isOver(): boolean {
    return this.hasEnded || this.closing;
  }

  /** Null until it follows. */
  get events(): TailWindow | null {
    return this.window;
  }

  join(follower: object, filter: EventFilter): void {
    this.followers.set(follower, filter);
    if (this.window !== null && !coversFilter(this.filter, filter)) this.follow(this.window, bounded([this.filter, filter]));
  }

  /** True when nobody is left. */
  leave(follower: object): boolean {
    this.followers.delete(follower);
    return this.followers.size === 0;
  }

  /** Resolves when something came that is wanted, when it has ended, or some time after its head has moved. @param moved it has moved already */
  next(isWanted: EventMatcher, moved: boolean): Promise<'event' | 'head'> {
    if (this.hasEnded) return Promise.resolve('head');
    return new Promise((resolve) => {
      this.waiting = [...this.waiting, { isWanted, resolve }];
      if (moved) this.wakeForHead();
    });
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    this.cancelHead?.();
    this.cancelHead = null;
    const woken = this.waiting;
    this.waiting = [];
    for (const { resolve } of woken) resolve('head');
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.source === null) this.end.resolve();
    await this.source?.close();
    await this.ended.catch(() => undefined);
  }

  private async start(): Promise<void> {
    const head = await this.store.head();
    if (this.closing) return;
    const window = new TailWindow(this.limits, head);
    this.window = window;
    this.follow(window, bounded([...this.followers.values()]));
    this.wake();
  }

  /** Goes on with another filter from where it stands; what the former subscription still brings is brought by this one too. */
  private follow(window: TailWindow, filter: EventFilter): void {
    const former = this.source;
    const onBatch = (events: readonly RecordedEvent[], head: number): void => {
      if (this.source === source) this.take(window, events, head);
    };
    const source = this.store.subscribe({ after: window.reached, filter, onBatch });
    this.source = source;
    this.filter = filter;
    this.sinceLook = 0;
    window.follow(filter);
    source.ended.then(
      () => this.source === source && this.end.resolve(),
      (error: unknown) => this.source === source && this.end.reject(error),
    );
    void former?.close();
  }

  private take(window: TailWindow, events: readonly RecordedEvent[], head: number): void {
    window.push(events, head);
    const waiting: Waiter[] = [];
    for (const waiter of this.waiting) {
      if (events.some(waiter.isWanted)) waiter.resolve('event');
      else waiting.push(waiter);
    }
    this.waiting = waiting;
    if (waiting.length > 0) this.wakeForHead();
    this.sinceLook += events.length;
    if (this.sinceLook >= NARROW_AFTER) this.narrow(window);
  }

  private narrow(window: TailWindow): void {
    this.sinceLook = 0;
    const wanted = bounded([...this.followers.values()]);
    if (!this.closing && !coversFilter(wanted, this.filter)) this.follow(window, wanted);
  }

  private wakeForHead(): void {
    this.cancelHead ??= this.timers.after(HEAD_MS, () => this.wake(), 'upkeep');
  }
}

function bounded(filters: readonly EventFilter[]): EventFilter {
  const union = unionOfFilters(filters);
  return (union.categories?.length ?? 0) + (union.types?.length ?? 0) > MAX_NAMES ? {} : union;
}
