import type { EventFilter, EventStore, EventSubscription } from '@tutti/event-store';
import type { Cancel, RecordedEvent, Runtime } from '@tutti/kernel';

interface LogWatchParts {
  readonly store: Pick<EventStore, 'subscribe'>;
  readonly filter: EventFilter;
  readonly runtime: Pick<Runtime, 'timers'>;
  /** Called when either position has moved. */
  readonly onChange: () => void;
}

const AGAIN_MS = 1_000;
const MAX_BATCH = 1_000;

/** What the log holds for a projection that another process folds: where the last event is that it handles, and up to where that is known. */
export class LogWatch {
  private last: number;
  private seen: number;
  private subscription: EventSubscription | null = null;
  private closing = false;
  private cancelAgain: Cancel = () => undefined;

  /** @param after every event up to here is taken for one that it handles */
  constructor(
    private readonly parts: LogWatchParts,
    after: number,
  ) {
    this.last = after;
    this.seen = after;
    this.follow();
  }

  /** Position of the last event that the projection handles: what is stored for this position is as new as it can be up to {@link reached}. */
  get lastHandled(): number {
    return this.last;
  }

  get reached(): number {
    return this.seen;
  }

  async close(): Promise<void> {
    this.closing = true;
    this.cancelAgain();
    await this.subscription?.close();
  }

  private follow(): void {
    const { store, filter } = this.parts;
    const onBatch = (events: readonly RecordedEvent[], head: number): void => {
      this.last = events.at(-1)?.position ?? this.last;
      this.seen = Math.max(this.seen, head);
      if (!this.closing) this.parts.onChange();
    };
    try {
      this.subscription = store.subscribe({ after: this.seen, filter, maxBatch: MAX_BATCH, onBatch });
    } catch {
      this.again();
      return;
    }
    const again = (): void => this.again();
    this.subscription.ended.then(again, again);
  }

  /** Until then it is known from the checkpoint alone how far the projection is. */
  private again(): void {
    if (!this.closing) this.cancelAgain = this.parts.runtime.timers.after(AGAIN_MS, () => this.follow());
  }
}
