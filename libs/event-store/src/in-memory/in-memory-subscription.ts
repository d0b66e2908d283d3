import type { RecordedEvent } from '@tutti/kernel';
import type { EventSubscription, SubscribeOptions } from '../event-store.port.js';

const DEFAULT_MAX_BATCH = 1_000;

/** Follows an array that only grows, from where it stands in it. */
export class InMemorySubscription implements EventSubscription {
  readonly ended: Promise<void>;
  private next = 0;
  protected closing = false;
  protected wake: (() => void) | null = null;

  constructor(
    protected readonly options: SubscribeOptions,
    private readonly events: () => readonly RecordedEvent[],
    private readonly matches: (event: RecordedEvent) => boolean,
    protected readonly nextTurn: () => Promise<void>,
  ) {
    this.ended = this.run();
  }

  wakeUp(): void {
    this.wake?.();
    this.wake = null;
  }

  close(): Promise<void> {
    this.closing = true;
    this.wakeUp();
    return this.ended.catch(() => undefined);
  }

  protected async run(): Promise<void> {
    await this.nextTurn();
    while (!this.closing) {
      const { batch, head } = this.take();
      if (head === null) await new Promise<void>((resolve) => (this.wake = resolve));
      else await this.options.onBatch(batch, head);
    }
  }

  protected take(): { readonly batch: readonly RecordedEvent[]; readonly head: number | null } {
    const { after, maxBatch = DEFAULT_MAX_BATCH } = this.options;
    const events = this.events();
    const batch: RecordedEvent[] = [];
    let head: number | null = null;
    while (this.next < events.length && batch.length < maxBatch) {
      const event = events[this.next++] as RecordedEvent;
      if (event.position <= after) continue;
      head = event.position;
      if (this.matches(event)) batch.push(event);
    }
    return { batch, head };
  }
}
