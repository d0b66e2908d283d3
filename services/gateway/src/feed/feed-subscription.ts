import type { EventFilter, EventStore, EventSubscription } from '@tutti/event-store';
import { TuttiError, type RecordedEvent } from '@tutti/kernel';
import { caughtUpMessage, eventMessage, type SubscribeRequest } from './feed-messages.js';
import type { Outbox } from './outbox.js';

/** One subscription of one client: catches up from its position, says so once, and follows. */
export class FeedSubscription {
  private closed = false;
  private caughtUp = false;
  private source: EventSubscription | null = null;
  private readonly stream: string | null;

  constructor(
    private readonly request: SubscribeRequest,
    private readonly store: EventStore,
    private readonly outbox: Outbox,
    private readonly maxBatch: number,
  ) {
    this.stream = request.runId === undefined ? null : `run-${request.runId}`;
  }

  /**
   * Runs until it is closed.
   *
   * @throws TuttiError INVALID_REQUEST for a position that the store has not reached · SHUTTING_DOWN when the store was closed · what the store throws
   */
  async run(): Promise<void> {
    const head = await this.store.head();
    if (this.closed) return;
    const after = this.request.after === 'head' ? head : this.request.after;
    if (after > head)
      throw new TuttiError('INVALID_REQUEST', `after is ${after}, but the newest event is at ${head}: the position is from another store`);
    // A run's own stream is read by itself: what is there of other runs costs nothing.
    if (this.stream !== null && after < head) await this.sendStream(this.stream, after, head);
    if (this.closed) return;
    const from = this.stream === null ? after : head;
    if (from === head) this.sayCaughtUp(head);
    this.source = this.store.subscribe({
      after: from,
      filter: filterOf(this.request),
      maxBatch: this.maxBatch,
      onBatch: (events, through) => this.send(events, through, head),
    });
    await this.source.ended;
    if (!this.closed) throw new TuttiError('SHUTTING_DOWN', 'the event store was closed');
  }

  /** Nothing is sent any more once this was called; resolves when nothing is read either. */
  async close(): Promise<void> {
    this.closed = true;
    await this.source?.close();
  }

  private async sendStream(stream: string, after: number, head: number): Promise<void> {
    const { categories, types } = this.request;
    if (categories?.includes('run') === false) return;
    for await (const event of this.store.readStream(stream)) {
      if (event.position > head) return;
      if (event.position <= after || types?.includes(event.type) === false) continue;
      const open = await this.outbox.room();
      if (!open || this.closed) return;
      this.outbox.push(eventMessage(this.request.id, event));
    }
  }

  private async send(events: readonly RecordedEvent[], through: number, head: number): Promise<void> {
    for (const event of events) {
      if (this.stream !== null && event.stream !== this.stream) continue;
      const open = await this.outbox.room();
      if (!open || this.closed) return;
      this.outbox.push(eventMessage(this.request.id, event));
    }
    if (!this.caughtUp && through >= head && !this.closed) this.sayCaughtUp(through);
  }

  private sayCaughtUp(position: number): void {
    this.caughtUp = true;
    this.outbox.push(caughtUpMessage(this.request.id, position));
  }
}

function filterOf({ runId, categories, types }: SubscribeRequest): EventFilter {
  const wanted = runId === undefined ? categories : (categories ?? ['run']).filter((category) => category === 'run');
  return { ...(wanted === undefined ? {} : { categories: wanted }), ...(types === undefined ? {} : { types }) };
}
