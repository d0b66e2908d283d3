import type { EventStore, EventSubscription } from '@tutti/event-store';
import { toTuttiError, TuttiError, type Cancel, type RecordedEvent, type Timers } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

const RETRY_MS = 1_000;

interface LogFollowerParts {
  readonly categories: readonly string[];
  /** Called once for each event, in order. */
  readonly take: (event: RecordedEvent) => void;
  readonly timers: Pick<Timers, 'after'>;
  readonly logger: Logger;
}

/** Takes in what was recorded in some categories, all of it and then as it comes; goes on by itself where the store was gone for a while. */
export class LogFollower {
  /** Resolves when everything is taken in that was recorded before the start. */
  readonly caughtUp: Promise<void>;
  private markCaughtUp: () => void = () => {};
  private isCaughtUp = false;
  private position = -1;
  private target: number | null = null;
  private subscription: EventSubscription | null = null;
  private cancelRetry: Cancel = () => {};
  private closed = false;
  private readonly waiting = new Set<() => void>();

  constructor(private readonly parts: LogFollowerParts) {
    this.caughtUp = new Promise((resolve) => (this.markCaughtUp = resolve));
  }

  start(store: Pick<EventStore, 'head' | 'subscribe'>): void {
    void this.follow(store).catch((error: unknown) => this.again(store, error));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelRetry();
    await this.subscription?.close();
  }

  /** @throws TuttiError SHUTTING_DOWN before everything is known that was recorded before the start */
  expectCaughtUp(): void {
    if (!this.isCaughtUp) throw new TuttiError('SHUTTING_DOWN', 'who may come in is still being read from the store');
  }

  /** @throws TuttiError TIMED_OUT when the position is not reached in time */
  async reach(position: number, limitMs: number): Promise<void> {
    if (this.position >= position) return;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (this.position < position) return;
        over();
        resolve();
      };
      const cancel = this.parts.timers.after(limitMs, () => {
        over();
        reject(new TuttiError('TIMED_OUT', `position ${position} was not reached within ${limitMs} ms; ${this.position} was`));
      });
      const over = (): void => {
        cancel();
        this.waiting.delete(look);
      };
      this.waiting.add(look);
    });
  }

  private async follow(store: Pick<EventStore, 'head' | 'subscribe'>): Promise<void> {
    this.target ??= await store.head();
    if (this.closed) return;
    this.advance(this.position);
    const subscription = store.subscribe({
      after: this.position,
      filter: { categories: this.parts.categories },
      onBatch: (events, head) => {
        for (const event of events) this.parts.take(event);
        this.advance(head);
      },
    });
    this.subscription = subscription;
    await subscription.ended;
    throw new TuttiError('SHUTTING_DOWN', 'the event store ended the subscription');
  }

  private again(store: Pick<EventStore, 'head' | 'subscribe'>, error: unknown): void {
    if (this.closed) return;
    this.parts.logger.warn('the store is not to be had; what changed about access is read later', { err: toTuttiError(error) });
    this.cancelRetry = this.parts.timers.after(RETRY_MS, () => this.start(store));
  }

  private advance(position: number): void {
    this.position = Math.max(this.position, position);
    for (const look of [...this.waiting]) look();
    if (this.isCaughtUp || this.target === null || this.position < this.target) return;
    this.isCaughtUp = true;
    this.markCaughtUp();
  }
}
