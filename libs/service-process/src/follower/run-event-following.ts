import { upcast, type RunEvent } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import { toTuttiError, type Cancel, type RecordedEvent, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

/** An event of a run, of the newest version of its schema. */
export interface FollowedRunEvent {
  readonly runId: string;
  /** When it was recorded, in milliseconds since 1970. */
  readonly atMs: number;
  readonly event: RunEvent;
}

interface RunEventFollowingParts {
  readonly store: Pick<EventStore, 'head' | 'subscribe'>;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  readonly onEvent: (event: FollowedRunEvent) => void;
}

const AGAIN_MS = 1_000;

/** Follows the events of runs; each is given once, in order of position, however often the store goes away. */
export class RunEventFollowing {
  private subscription: EventSubscription | null = null;
  private cancelRetry: Cancel = () => {};
  private reached = -1;
  private closed = false;

  constructor(private readonly parts: RunEventFollowingParts) {}

  /** @param back begins so many positions before the head, for whoever needs to know what was */
  async start(back = 0): Promise<void> {
    this.reached = Math.max(-1, (await this.parts.store.head()) - back);
    this.follow();
  }

  async stop(): Promise<void> {
    this.closed = true;
    this.cancelRetry();
    await this.subscription?.close();
  }

  /** Everything up to here is counted. */
  get position(): number {
    return this.reached;
  }

  private follow(): void {
    if (this.closed) return;
    const { store, runtime, logger } = this.parts;
    const again = (error: unknown): void => {
      if (this.closed) return;
      logger.warn('events are no longer followed; it is tried again', { position: this.reached, err: error });
      this.cancelRetry = runtime.timers.after(AGAIN_MS, () => this.follow());
    };
    try {
      this.subscription = store.subscribe({
        after: this.reached,
        filter: { categories: ['run'] },
        onBatch: (events, head) => this.take(events, head),
      });
      this.subscription.ended.then(() => again(toTuttiError('the store ended it')), again);
    } catch (error) {
      again(error);
    }
  }

  private take(events: readonly RecordedEvent[], head: number): void {
    for (const recorded of events) {
      const event = upcast(recorded) as unknown as RunEvent;
      this.parts.onEvent({ runId: recorded.metadata.correlationId, atMs: Date.parse(recorded.time), event });
      this.reached = recorded.position;
    }
    this.reached = Math.max(this.reached, head);
  }
}
