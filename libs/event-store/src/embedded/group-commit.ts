import { isTuttiError, TuttiError, type Timers } from '@tutti/kernel';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FreeSpaceFloor } from './free-space-floor.js';
import { isDiskFull, messageOf, toStoreError } from './sqlite-errors.js';

/** A turn of the loop writes at most this much, so that others get theirs. */
const MAX_BATCH_WRITES = 500;
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

interface QueuedWrite {
  readonly bytes: number;
  /** Runs inside the transaction. A TuttiError refuses this write alone and promises that it wrote nothing. */
  readonly apply: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  answer: 'resolve' | 'reject';
  outcome: unknown;
}

/** Writes that arrive in one turn of the loop share one transaction and one fsync, and are answered after it. */
export class GroupCommit {
  private queue: QueuedWrite[] = [];
  private queuedBytes = 0;
  private scheduled = false;
  private failure: TuttiError | null = null;
  private readonly begin: StatementSync;
  private readonly commit: StatementSync;

  constructor(
    private readonly file: string,
    private readonly database: DatabaseSync,
    private readonly timers: Timers,
    private readonly floor: FreeSpaceFloor,
    /** Writes beyond this are refused. */
    private readonly maxQueuedBytes: number,
    /** Called after each commit, before its writes are answered. */
    private readonly committed: (bytes: number) => void,
  ) {
    this.begin = database.prepare('BEGIN IMMEDIATE');
    this.commit = database.prepare('COMMIT');
  }

  /** @throws TuttiError OVERLOADED, DISK_FULL, STORE_UNAVAILABLE, and what `apply` refuses with */
  write<Result>(bytes: number, apply: () => Result): Promise<Result> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.queuedBytes + bytes > this.maxQueuedBytes) return Promise.reject(this.overloaded());
    return new Promise<Result>((resolve, reject) => {
      this.queue.push({ bytes, apply, resolve: resolve as (value: unknown) => void, reject, answer: 'resolve', outcome: undefined });
      this.queuedBytes += bytes;
      this.schedule();
    });
  }

  /** Commits all that is queued. */
  flush(): void {
    while (this.queue.length > 0) this.commitBatch();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.timers.soon(() => {
      this.scheduled = false;
      if (this.queue.length > 0) this.commitBatch();
      if (this.queue.length > 0) this.schedule();
    });
  }

  private commitBatch(): void {
    const { batch, bytes } = this.takeBatch();
    try {
      if (this.failure !== null) throw this.failure;
      this.floor.assertRoomFor(bytes);
      this.beginTransaction();
    } catch (error) {
      for (const write of batch) write.reject(error);
      return;
    }
    try {
      for (const write of batch) applyOne(write);
      this.commit.run();
    } catch (error) {
      this.fail(batch, error);
      return;
    }
    this.committed(bytes);
    for (const write of batch) write[write.answer](write.outcome);
  }

  private beginTransaction(): void {
    try {
      this.begin.run();
    } catch (error) {
      throw toStoreError(this.file, error);
    }
  }

  private takeBatch(): { readonly batch: readonly QueuedWrite[]; readonly bytes: number } {
    let bytes = 0;
    let count = 0;
    for (const write of this.queue) {
      if (count > 0 && (count >= MAX_BATCH_WRITES || bytes + write.bytes > MAX_BATCH_BYTES)) break;
      bytes += write.bytes;
      count += 1;
    }
    this.queuedBytes -= bytes;
    const batch = this.queue.length === count ? this.queue : this.queue.slice(0, count);
    this.queue = this.queue.slice(count);
    return { batch, bytes };
  }

  private overloaded(): TuttiError {
    const message = `event store ${this.file} has ${this.queuedBytes} bytes waiting to be written; at most ${this.maxQueuedBytes} may wait`;
    return new TuttiError('OVERLOADED', message, { details: { queued: this.queuedBytes, limit: this.maxQueuedBytes } });
  }

  /** Whether a failed commit reached the disk cannot be known, so nothing is written on top of it. */
  private fail(batch: readonly QueuedWrite[], cause: unknown): void {
    const found = isDiskFull(cause) ? 'the disk is full' : messageOf(cause);
    const message = `event store ${this.file} takes no more writes: a commit failed (${found}); restart to check it`;
    this.failure = new TuttiError('STORE_UNAVAILABLE', message, { details: { file: this.file }, cause, retryable: false });
    try {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, or will when the file is opened again.
    }
    for (const write of batch) write.reject(this.failure);
  }
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
