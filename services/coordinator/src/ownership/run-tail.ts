import type { RunEventType } from '@tutti/contracts';
import type { EventStore, EventSubscription } from '@tutti/event-store';
import type { RecordedEvent, Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { RunOwner } from '../owner/run-owner.js';
import type { Ownership } from './ownership.js';

interface RunTailParts {
  readonly store: EventStore;
  readonly owner: Pick<RunOwner, 'heed' | 'letGo'>;
  readonly ownership: Ownership;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const FOLLOW_AGAIN_MS = 1_000;
const ENDS: ReadonlySet<string> = new Set<RunEventType>(['RunSucceeded', 'RunFailed', 'RunCancelled']);

/**
 * Follows what others append to the runs of this coordinator's partitions, so that a run which somebody else changed is taken up as it is now, its timers armed.
 * Does nothing where nobody else appends.
 */
export class RunTail {
  private subscription: EventSubscription | null = null;
  private endListening: () => void = () => undefined;
  private reached = -1;
  private closed = false;

  constructor(private readonly parts: RunTailParts) {}

  /** @param onGained called after partitions came or went, to take up the open runs among them */
  async start(onGained: () => void): Promise<void> {
    const { ownership, store, owner } = this.parts;
    if (ownership.alone) return;
    this.endListening = ownership.onChange(() => {
      owner.letGo();
      onGained();
    });
    this.reached = await store.head();
    this.follow();
  }

  async stop(): Promise<void> {
    this.closed = true;
    this.endListening();
    await this.subscription?.close();
  }

  private follow(): void {
    if (this.closed) return;
    const onBatch = (events: readonly RecordedEvent[], head: number): void => {
      for (const event of newestOfEachRun(events)) this.heed(event);
      this.reached = head;
    };
    this.subscription = this.parts.store.subscribe({ after: this.reached, filter: { categories: ['run'] }, onBatch });
    this.subscription.ended.catch((error: unknown) => {
      this.parts.logger.warn('runs are no longer followed; it is tried again', { err: error });
      this.parts.runtime.timers.after(FOLLOW_AGAIN_MS, () => this.follow());
    });
  }

  private heed({ metadata, revision, type }: RecordedEvent): void {
    const runId = metadata.correlationId;
    if (this.parts.ownership.owns(runId)) this.parts.owner.heed(runId, revision, ENDS.has(type));
  }
}

function newestOfEachRun(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  return [...new Map(events.map((event) => [event.stream, event])).values()];
}
