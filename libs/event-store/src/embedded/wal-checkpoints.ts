import type { Cancel, Timers } from '@tutti/kernel';
import type { Committer } from './committer.js';

/**
 * A checkpoint copies the log into the database, about 1 ms per MiB, and holds the loop up meanwhile: so it happens in small
 * portions, after answers are out, and otherwise when nothing has been written for a while. A thread of its own can take larger ones: a page that changed
 * often is then copied once.
 */
const CHECKPOINT_BYTES = { inline: 8 * 1024 * 1024, thread: 24 * 1024 * 1024 };
const IDLE_MS = 250;

/** What a commit puts into the log: whole pages of the table and its indexes, measured. */
const BYTES_PER_COMMIT = 24 * 1024;
const LOG_BYTES_PER_TEXT_BYTE = 3;

export class WalCheckpoints {
  private logged = 0;
  private cancelIdle: Cancel | null = null;
  private due = false;
  private closed = false;

  constructor(
    private readonly committer: Pick<Committer, 'checkpoint'>,
    private readonly timers: Timers,
    private readonly where: keyof typeof CHECKPOINT_BYTES = 'inline',
  ) {}

  committed(textBytes: number): void {
    this.logged += BYTES_PER_COMMIT + textBytes * LOG_BYTES_PER_TEXT_BYTE;
    if (this.logged >= CHECKPOINT_BYTES[this.where]) this.runSoon();
    else this.cancelIdle ??= this.timers.after(IDLE_MS, () => this.idle(this.logged));
  }

  close(): void {
    this.closed = true;
    this.cancelIdle?.();
  }

  /** Armed once and renewed only when it fires, as arming a timer per commit would cost more than it is worth. */
  private idle(logged: number): void {
    this.cancelIdle = null;
    if (this.logged === logged) this.run();
    else this.cancelIdle = this.timers.after(IDLE_MS, () => this.idle(this.logged));
  }

  private runSoon(): void {
    if (this.due) return;
    this.due = true;
    this.timers.soon(() => this.run());
  }

  private run(): void {
    this.due = false;
    if (this.closed || this.logged === 0) return;
    this.logged = 0;
    // Passive: takes what it can without waiting for readers; the rest comes with the next one.
    try {
      this.committer.checkpoint();
    } catch {
      // Nothing is lost: all of it is still in the log, and if the disk is failing the next commit says so.
    }
  }
}
