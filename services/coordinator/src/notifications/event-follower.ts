import { NOTIFIABLE_EVENTS } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import type { Cancel, RecordedEvent, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { FollowerPosition } from './follower-position.js';

interface FollowerParts {
  readonly store: EventStore;
  readonly position: FollowerPosition;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
  /** Resolves when all that is to be told of them is durable; may be called with the same ones again. */
  readonly onEvents: (events: readonly RecordedEvent[]) => Promise<void>;
}

const FOLLOW_AGAIN_MS = 1_000;
/** The position is written this often at most: what was looked at twice after a crash is told once all the same. */
const SAVE_MS = 30_000;
/** Requests of so many events fit into one append. */
const MAX_BATCH = 8;

/** Looks at every event that people may want to hear of, in order, from where it stopped the last time. */
export class EventFollower {
  private subscription: EventSubscription | null = null;
  private reached = -1;
  private saved = -1;
  private cancelSave: Cancel | null = null;
  private cancelAgain: Cancel = () => undefined;
  private saving: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly parts: FollowerParts) {}

  /** @throws TuttiError what the store says */
  async start(): Promise<void> {
    this.saved = this.reached = await this.parts.position.load();
    this.follow();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelAgain();
    await this.subscription?.close();
    await this.save();
  }

  private follow(): void {
    if (this.stopped) return;
    this.subscription = this.parts.store.subscribe({
      after: this.reached,
      filter: { categories: ['run'], types: Object.values(NOTIFIABLE_EVENTS) },
      maxBatch: MAX_BATCH,
      onBatch: async (events, head) => {
        if (events.length > 0) {
          await this.parts.onEvents(events);
          this.cancelSave ??= this.parts.runtime.timers.after(SAVE_MS, () => void this.save());
        }
        this.reached = head;
      },
    });
    this.subscription.ended.catch((error: unknown) => {
      this.parts.logger.warn('notifications are no longer looked for; it is tried again', { err: error });
      this.cancelAgain = this.parts.runtime.timers.after(FOLLOW_AGAIN_MS, () => this.follow());
    });
  }

  /** Never rejects: a position that is not saved costs time at the next start, no more. */
  private save(): Promise<void> {
    if (this.cancelSave === null) return this.saving;
    this.cancelSave();
    this.cancelSave = null;
    const { reached } = this;
    if (reached <= this.saved) return this.saving;
    this.saving = this.saving
      .then(() => this.parts.position.save(reached))
      .then(
        () => void (this.saved = reached),
        (error: unknown) => this.parts.logger.warn('how far notifications have come is not saved', { err: error }),
      );
    return this.saving;
  }
}
