import type { EventStore, EventSubscription } from '@tutti/event-store';
import { toTuttiError, type Cancel, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

interface RunEventFollowingParts {
  readonly store: Pick<EventStore, 'head' | 'subscribe'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  /** Gets one event after the other: the next when its promise resolves, which it does. */
  readonly onEvent: (event: RecordedEvent) => Promise<void>;
}

interface Followed {
  /** What others have recorded is passed over. */
  readonly types: readonly string[];
  /** Begins so many positions before the head, for whoever needs to know what was. */
  readonly lookBack: number;
}

const AGAIN_MS = 1_000;

/** Follows some types of the events of runs; each is given once, in order of position, however often the store goes away. */
export class RunEventFollowing {
  private subscription: EventSubscription | null = null;
  private cancelRetry: Cancel = () => {};
  private types: readonly string[] = [];
  private reached = -1;
  /** The batch in hand: one that outlives its subscription ends before the next begins. */
  private handling: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(private readonly parts: RunEventFollowingParts) {}

  /** @throws what the store said when it was asked for its head */
  async start({ types, lookBack }: Followed): Promise<void> {
    this.types = types;
    this.reached = Math.max(-1, (await this.parts.store.head()) - lookBack);
    this.follow();
  }

  /** Resolves when the event in hand, the last one, is done. Repeats do so too. */
  async stop(): Promise<void> {
    this.closed = true;
    this.cancelRetry();
    await this.subscription?.close();
    await this.handling;
  }

  /** Everything up to here was given, or is of no type that is followed. */
  get position(): number {
    return this.reached;
  }

  private follow(): void {
    if (this.closed) return;
    try {
      this.subscription = this.parts.store.subscribe({
        after: this.reached,
        // Without the category, which says no more: EventStoreDB filters by one of the two.
        filter: { types: this.types },
        onBatch: (events, head) => (this.handling = this.take(events, head)),
      });
      const over = (error: unknown): void => this.again(error);
      this.subscription.ended.then(() => over(toTuttiError('the store ended it')), over);
    } catch (error) {
      this.again(error);
    }
  }

  private again(error: unknown): void {
    if (this.closed) return;
    const { runtime, logger } = this.parts;
    logger.warn('events are no longer followed; it is tried again', { position: this.reached, err: error });
    this.cancelRetry = runtime.timers.after(AGAIN_MS, () => void this.handling.then(() => this.follow()));
  }

  private async take(events: readonly RecordedEvent[], head: number): Promise<void> {
    for (const event of events) {
      await this.parts.onEvent(event);
      this.reached = event.position;
      if (this.closed) return;
    }
    this.reached = Math.max(this.reached, head);
  }
}
