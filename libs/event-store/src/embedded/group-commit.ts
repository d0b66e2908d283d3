import { isTuttiError, TuttiError, type Timers } from '@tutti/kernel';
import type { Committer } from './committer.js';
import type { FreeSpaceFloor } from './free-space-floor.js';
import type { RowBatch } from './row-batch.js';
import { isDiskFull, messageOf } from './sqlite-errors.js';

/** A turn of the loop makes at most this much ready, so that others get theirs. */
const MAX_BATCH_WRITES = 500;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

/** Far fewer than there are streams in the writer's memory, so that what is not durable yet is always found there. */
const MAX_WRITES_UNDER_WAY = 4_000;

export interface Write<Result> {
  readonly bytes: number;
  /** Makes rows ready. A TuttiError refuses this write alone and promises that it made none. */
  readonly apply: () => Result;
  /** It has to look into the file for what earlier writes put there, so none may be under way. */
  readonly needsQuiet?: () => boolean;
}

interface QueuedWrite extends Write<unknown> {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  answer: 'resolve' | 'reject';
  outcome: unknown;
}

interface GroupCommitParts<Made> {
  readonly file: string;
  readonly committer: Committer;
  readonly timers: Timers;
  readonly floor: FreeSpaceFloor;
  /** Writes beyond this are refused. */
  readonly maxQueuedBytes: number;
  /** What the writes applied since the last call have made. */
  readonly take: () => { readonly rows: RowBatch; readonly made: Made };
  /** Called after each commit, before its writes are answered. */
  readonly committed: (made: Made, bytes: number) => void;
}

/** Writes that arrive in one turn of the loop share one transaction and one fsync, and are answered after it. */
export class GroupCommit<Made> {
  private queue: QueuedWrite[] = [];
  private queuedBytes = 0;
  private underWay = 0;
  private bytesUnderWay = 0;
  private scheduled = false;
  private failure: TuttiError | null = null;
  private onQuiet: (() => void) | null = null;

  constructor(private readonly parts: GroupCommitParts<Made>) {}

  /** @throws TuttiError OVERLOADED, DISK_FULL, STORE_UNAVAILABLE, and what `apply` refuses with */
  write<Result>(write: Write<Result>): Promise<Result> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.queuedBytes + this.bytesUnderWay + write.bytes > this.parts.maxQueuedBytes) return Promise.reject(this.overloaded());
    return new Promise<Result>((resolve, reject) => {
      this.queue.push({ ...write, resolve: resolve as (value: unknown) => void, reject, answer: 'resolve', outcome: undefined });
      this.queuedBytes += write.bytes;
      this.schedule();
    });
  }

  /** Share of what may wait that waits now, from 0 to 1. */
  get fill(): number {
    return (this.queuedBytes + this.bytesUnderWay) / this.parts.maxQueuedBytes;
  }

  /** Commits all that is queued; resolves when it is. */
  async drain(): Promise<void> {
    while (this.queue.length > 0 || this.underWay > 0) {
      if (this.queue.length > 0 && this.commitBatch()) continue;
      await new Promise<void>((resolve) => (this.onQuiet = resolve));
    }
  }

  private schedule(): void {
    if (this.scheduled || this.queue.length === 0) return;
    this.scheduled = true;
    this.parts.timers.soon(() => {
      this.scheduled = false;
      if (this.queue.length > 0 && this.commitBatch()) this.schedule();
    });
  }

  /** False when what is queued has to wait for what is under way. */
  private commitBatch(): boolean {
    const { committer, floor } = this.parts;
    const taken = this.takeBatch();
    if (taken.length === 0 || (this.underWay > 0 && taken[0]?.needsQuiet?.() === true)) return false;
    const bytes = bytesOf(taken);
    try {
      if (this.failure !== null) throw this.failure;
      floor.assertRoomFor(bytes);
      committer.begin();
    } catch (error) {
      this.leaveQueue(taken);
      for (const write of taken) write.reject(error);
      return true;
    }
    const applied = this.applyAll(taken);
    this.leaveQueue(applied.batch);
    this.underWay += applied.batch.length;
    this.bytesUnderWay += applied.bytes;
    if (applied.failure !== null) {
      committer.abandon();
      this.settle(applied.batch, applied.bytes, applied.failure, null);
      return true;
    }
    const { rows, made } = this.parts.take();
    committer.commit(rows, (failure) => this.settle(applied.batch, applied.bytes, failure, made));
    return true;
  }

  /** Those before the first that has to wait for the others to be in the file. */
  private applyAll(taken: readonly QueuedWrite[]): {
    readonly batch: readonly QueuedWrite[];
    readonly bytes: number;
    readonly failure: unknown;
  } {
    let count = 0;
    let failure: unknown = null;
    try {
      for (const write of taken) {
        if (count > 0 && write.needsQuiet?.() === true) break;
        count += 1;
        applyOne(write);
      }
    } catch (error) {
      failure = error;
    }
    const batch = taken.slice(0, count);
    return { batch, bytes: bytesOf(batch), failure };
  }

  private settle(batch: readonly QueuedWrite[], bytes: number, failure: unknown, made: Made | null): void {
    this.underWay -= batch.length;
    this.bytesUnderWay -= bytes;
    if (failure !== null || made === null) {
      this.fail(batch, failure);
    } else {
      this.parts.committed(made, bytes);
      for (const write of batch) write[write.answer](write.outcome);
    }
    this.schedule();
    this.onQuiet?.();
    this.onQuiet = null;
  }

  /** The next writes, still queued. */
  private takeBatch(): readonly QueuedWrite[] {
    let bytes = 0;
    let count = 0;
    const most = Math.min(MAX_BATCH_WRITES, MAX_WRITES_UNDER_WAY - this.underWay);
    for (const write of this.queue) {
      if (count >= most || (count > 0 && bytes + write.bytes > MAX_BATCH_BYTES)) break;
      bytes += write.bytes;
      count += 1;
    }
    return this.queue.slice(0, count);
  }

  private leaveQueue(batch: readonly QueuedWrite[]): void {
    this.queue = this.queue.slice(batch.length);
    this.queuedBytes -= bytesOf(batch);
  }

  private overloaded(): TuttiError {
    const { file, maxQueuedBytes } = this.parts;
    const queued = this.queuedBytes + this.bytesUnderWay;
    const message = `event store ${file} has ${queued} bytes waiting to be written; at most ${maxQueuedBytes} may wait`;
    return new TuttiError('OVERLOADED', message, { details: { queued, limit: maxQueuedBytes } });
  }

  /** Whether a failed commit reached the disk cannot be known, so nothing is written on top of it. */
  private fail(batch: readonly QueuedWrite[], cause: unknown): void {
    const { file } = this.parts;
    const found = isDiskFull(cause) ? 'the disk is full' : messageOf(cause);
    const message = `event store ${file} takes no more writes: a commit failed (${found}); restart to check it`;
    this.failure ??= new TuttiError('STORE_UNAVAILABLE', message, { details: { file }, cause, retryable: false });
    for (const write of batch) write.reject(this.failure);
  }
}

function bytesOf(batch: readonly QueuedWrite[]): number {
  return batch.reduce((sum, { bytes }) => sum + bytes, 0);
}

function applyOne(write: QueuedWrite): void {
  try {
    write.outcome = write.apply();
  } catch (error) {
    if (!isTuttiError(error) || error.code === 'DATA_DAMAGED') throw error;
    write.answer = 'reject';
    write.outcome = error;
  }
}
