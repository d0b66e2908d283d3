import type { Cancel, Runtime } from '@tutti/kernel';
import type { RelayCheckpoints, RelayLog } from './relay-ports.js';

interface CheckpointNotesOptions {
  readonly checkpoints: RelayCheckpoints;
  readonly runtime: Pick<Runtime, 'clock' | 'timers'>;
  readonly everyMs: number;
  readonly log: RelayLog;
}

/** So long a note that is due waits for a batch to go out with, in one request. */
const WAIT_FOR_BATCH_MS = 50;

/** Notes how far the log is published: now and then, one note at a time, always the newest. */
export class CheckpointNotes {
  private newest: number;
  private noted: number;
  private armed: Cancel | null = null;
  private saving: Promise<void> | null = null;
  private ended = false;
  private failing = false;
  /** When the next note may be written. */
  private dueMs = 0;

  /** @param from what is noted already */
  constructor(
    private readonly options: CheckpointNotesOptions,
    from: number,
  ) {
    this.newest = from;
    this.noted = from;
  }

  /** The broker has everything up to here. */
  reached(position: number): void {
    this.newest = position;
    this.arm();
  }

  /** A batch goes out in this turn: a note that is due goes with it. */
  goAlong(): void {
    if (this.armed === null || this.options.runtime.clock.monotonic() < this.dueMs) return;
    this.armed();
    this.armed = null;
    this.saveInBackground();
  }

  /** Notes what is not noted yet; a note that fails costs repeats, so it is not waited for. */
  async finish(): Promise<void> {
    this.abandon();
    await this.saving;
    if (this.newest !== this.noted) await this.save();
  }

  /** Notes nothing more. */
  abandon(): void {
    this.ended = true;
    this.armed?.();
    this.armed = null;
  }

  private arm(): void {
    if (this.ended || this.armed !== null || this.saving !== null || this.newest === this.noted) return;
    const { everyMs, runtime } = this.options;
    this.dueMs = runtime.clock.monotonic() + everyMs;
    this.armed = runtime.timers.after(everyMs + WAIT_FOR_BATCH_MS, () => {
      this.armed = null;
      this.saveInBackground();
    });
  }

  private saveInBackground(): void {
    this.saving = this.save().finally(() => {
      this.saving = null;
      this.arm();
    });
  }

  private async save(): Promise<void> {
    const position = this.newest;
    try {
      await this.options.checkpoints.save(position);
      this.noted = position;
      this.failing = false;
    } catch (error) {
      if (this.failing) return;
      this.failing = true;
      this.options.log.warn('the relay could not note how far it got; after a restart more is repeated', { position, err: error });
    }
  }
}
