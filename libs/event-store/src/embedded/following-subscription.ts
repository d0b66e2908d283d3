import { assertNever, type RecordedEvent } from '@tutti/kernel';
import type { EventSubscription, SubscribeOptions } from '../event-store.port.js';
import type { KindMatcher } from './event-kinds.js';
import type { Page } from './event-reader.js';
import type { CommittedEvent } from './event-writer.js';

const DEFAULT_MAX_BATCH = 1_000;

/** What a slow subscriber may have waiting in memory; beyond it, it goes back to reading from disk. */
const BUFFER_LIMITS = { events: 4_000, bytes: 8 * 1024 * 1024 };

interface Batch {
  readonly events: readonly RecordedEvent[];
  readonly head: number;
}

export interface SubscriptionSource {
  /** Position of the last committed event. */
  readonly head: () => number;
  /** Next committed events from a position on, inclusive. */
  readonly read: (matcher: KindMatcher, from: number, limit: number) => Page;
  readonly nextTurn: () => Promise<void>;
  readonly onEnd: (subscription: FollowingSubscription) => void;
}

/** Reads from disk until it has caught up, then takes events from memory as they are committed. */
export class FollowingSubscription implements EventSubscription {
  readonly ended: Promise<void>;
  /** Handed over, or known not to match, up to here. */
  private cursor: number;
  private mode: 'reading' | 'following' = 'reading';
  private buffer: RecordedEvent[] = [];
  private bufferedBytes = 0;
  /** While following: everything up to here is handed over or in the buffer. */
  private followed = -1;
  private closing = false;
  private wake: (() => void) | null = null;

  constructor(
    private readonly options: SubscribeOptions,
    private readonly matcher: KindMatcher,
    private readonly source: SubscriptionSource,
    private readonly limits: { readonly events: number; readonly bytes: number } = BUFFER_LIMITS,
  ) {
    this.cursor = options.after;
    this.ended = this.run().finally(() => source.onEnd(this));
  }

  /** It has caught up and takes what is committed from memory. */
  get isFollowing(): boolean {
    return this.mode === 'following';
  }

  wants(kindId: number): boolean {
    return this.matcher.matches(kindId);
  }

  /** Takes note of a commit. */
  offer(committed: readonly CommittedEvent[], head: number): void {
    if (this.mode === 'following') {
      for (const { event, kindId, bytes } of committed) {
        if (event.position <= this.cursor || !this.matcher.matches(kindId)) continue;
        this.buffer.push(event);
        this.bufferedBytes += bytes;
      }
      this.followed = Math.max(this.followed, head);
      if (this.buffer.length > this.limits.events || this.bufferedBytes > this.limits.bytes) this.fallBehind();
    }
    this.wakeUp();
  }

  close(): Promise<void> {
    this.closing = true;
    this.wakeUp();
    return this.ended.catch(() => undefined);
  }

  private async run(): Promise<void> {
    // The subscriber gets its subscription before its first batch.
    await this.source.nextTurn();
    while (!this.closing) {
      const batch = this.next();
      if (batch === null) {
        await new Promise<void>((resolve) => (this.wake = resolve));
        continue;
      }
      this.cursor = batch.head;
      await this.options.onBatch(batch.events, batch.head);
      if (this.mode === 'reading') await this.source.nextTurn();
    }
  }

  private next(): Batch | null {
    if (this.mode === 'reading') this.followOnceCaughtUp();
    switch (this.mode) {
      case 'reading':
        return this.read();
      case 'following':
        return this.takeBuffered();
      default:
        return assertNever(this.mode, 'mode of a subscription');
    }
  }

  private followOnceCaughtUp(): void {
    if (this.cursor < this.source.head()) return;
    this.mode = 'following';
    this.followed = this.cursor;
  }

  private read(): Batch {
    const page = this.source.read(this.matcher, this.cursor + 1, this.maxBatch);
    // Another thread writes: the file may be ahead of what this one has been told.
    return { events: page.events, head: page.through ?? Math.max(this.source.head(), page.events.at(-1)?.position ?? -1) };
  }

  private takeBuffered(): Batch | null {
    if (this.buffer.length > this.maxBatch) {
      const events = this.buffer.splice(0, this.maxBatch);
      return { events, head: events[events.length - 1]?.position ?? this.cursor };
    }
    if (this.followed <= this.cursor) return null;
    const events = this.buffer;
    this.emptyBuffer();
    return { events, head: this.followed };
  }

  private fallBehind(): void {
    this.emptyBuffer();
    this.mode = 'reading';
  }

  private emptyBuffer(): void {
    this.buffer = [];
    this.bufferedBytes = 0;
  }

  private wakeUp(): void {
    this.wake?.();
    this.wake = null;
  }

  private get maxBatch(): number {
    return this.options.maxBatch ?? DEFAULT_MAX_BATCH;
  }
}
