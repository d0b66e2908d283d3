import type { RecordedEvent } from '@tutti/kernel';
import type { EventStore, EventSubscription } from '../event-store.port.js';
import { TailWindow } from './tail-window.js';

/** One subscription to all events, from the head of its start on, and who waits for what it brings. */
export class Tail {
  /** Settles when the subscription has ended, as that does. */
  readonly ended: Promise<void>;
  private window: TailWindow | null = null;
  private source: EventSubscription | null = null;
  private readonly wakers: (() => void)[] = [];
  private closing = false;
  private hasEnded = false;

  constructor(
    private readonly store: Pick<EventStore, 'head' | 'subscribe'>,
    private readonly maxEvents: number,
  ) {
    this.ended = this.run().finally(() => {
      this.hasEnded = true;
      this.wake();
    });
    // Every subscription on it hears of it.
    this.ended.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.hasEnded;
  }

  /** Null until it follows. */
  get events(): TailWindow | null {
    return this.window;
  }

  /** Resolves when there may be something new, or it has ended. */
  next(): Promise<void> {
    if (this.hasEnded) return Promise.resolve();
    return new Promise((resolve) => this.wakers.push(resolve));
  }

  /** Lets everybody who waits look again. */
  wake(): void {
    for (const wake of this.wakers.splice(0)) wake();
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.source?.close();
    await this.ended.catch(() => undefined);
  }

  private async run(): Promise<void> {
    const after = await this.store.head();
    if (this.closing) return;
    const window = new TailWindow(after, this.maxEvents);
    const onBatch = (events: readonly RecordedEvent[], head: number): void => {
      window.push(events, head);
      this.wake();
    };
    this.source = this.store.subscribe({ after, onBatch });
    this.window = window;
    this.wake();
    await this.source.ended;
  }
}
