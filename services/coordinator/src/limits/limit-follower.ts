import { upcast, type LimitEvent } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import type { RecordedEvent, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

interface FollowerParts {
  readonly store: EventStore;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  readonly onAwaited: (stream: string, lease: string) => void;
  /** The lease holds less than it did. */
  readonly onReturned: (stream: string, lease: string) => void;
  readonly onAdopted: (stream: string, from: string, count: number) => void;
}

const FOLLOW_AGAIN_MS = 1_000;

/** Tells of what happens to permits, whoever caused it. Follows the store from the first use of a limit on: who has none pays nothing. */
export class LimitFollower {
  private subscription: EventSubscription | null = null;
  private reached = -1;
  private closed = false;

  constructor(private readonly parts: FollowerParts) {}

  /** @param position what happened up to here is known. Without effect once it follows. */
  start(position: number): void {
    if (this.subscription !== null || this.closed) return;
    this.reached = Math.max(this.reached, position);
    this.subscription = this.parts.store.subscribe({
      after: this.reached,
      filter: { categories: ['limit'] },
      onBatch: (events, head) => {
        for (const event of events) this.tell(event);
        this.reached = head;
      },
    });
    this.subscription.ended.catch((error: unknown) => {
      this.parts.logger.warn('limits are no longer followed; it is tried again', { err: error });
      this.subscription = null;
      this.parts.runtime.timers.after(FOLLOW_AGAIN_MS, () => this.start(this.reached));
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.subscription?.close();
  }

  private tell(recorded: RecordedEvent): void {
    const { onAwaited, onReturned, onAdopted } = this.parts;
    const { stream } = recorded;
    const event = upcast(recorded) as unknown as LimitEvent;
    if (event.type === 'PermitsAwaited') onAwaited(stream, event.data.lease);
    else if (event.type === 'PermitsAdopted') onAdopted(stream, event.data.from, event.data.attempts.length);
    else if (event.type !== 'PermitsReserved') onReturned(stream, event.data.lease);
  }
}
