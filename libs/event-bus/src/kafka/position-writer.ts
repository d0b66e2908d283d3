import type { Cancel, Timers } from '@tutti/kernel';
import type { Position } from './group-reader.js';
import type { PartitionIntake } from './partition-intake.js';

/** The broker takes 4,096 bytes unless told otherwise. */
const MAX_METADATA_CHARACTERS = 4_000;
const AGAIN_AFTER_MS = 500;
const SETTLE_AGAIN_AFTER_MS = 50;

export interface PositionWriterOptions {
  readonly commit: (positions: readonly Position[]) => Promise<void>;
  readonly timers: Timers;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/** Writes what a group has behind it: soon after each message, together with all others since, one request at a time. */
export class PositionWriter {
  readonly #options: PositionWriterOptions;
  readonly #changed = new Set<PartitionIntake>();
  readonly #written = new WeakMap<PartitionIntake, string>();
  #writing: Promise<boolean> | null = null;
  #cancel: Cancel | null = null;
  #closed = false;

  constructor(options: PositionWriterOptions) {
    this.#options = options;
  }

  changed(intake: PartitionIntake): void {
    this.#changed.add(intake);
    this.#soon(this.#options.everyMs);
  }

  /** Another may write the positions of this one now. */
  forget(intake: PartitionIntake): void {
    this.#changed.delete(intake);
    this.#written.delete(intake);
  }

  /** Resolves when all that is done by now is written: true, or false where it could not be and is tried again later. */
  async flush(): Promise<boolean> {
    this.#cancel?.();
    this.#cancel = null;
    while (this.#writing !== null) await this.#writing;
    return this.#changed.size === 0 || this.#write();
  }

  /** As {@link flush}, tried anew until it is written or the limit is over: a group that is just being distributed anew takes no positions. */
  async settle(limitMs: number): Promise<boolean> {
    for (let waitedMs = 0; !(await this.flush()); waitedMs += SETTLE_AGAIN_AFTER_MS) {
      if (waitedMs >= limitMs || this.#closed) return false;
      await new Promise<void>((resolve) => this.#options.timers.after(SETTLE_AGAIN_AFTER_MS, resolve));
    }
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #soon(waitMs: number): void {
    if (this.#closed || this.#cancel !== null || this.#writing !== null) return;
    this.#cancel = this.#options.timers.after(waitMs, () => {
      this.#cancel = null;
      void this.#write();
    });
  }

  #write(): Promise<boolean> {
    this.#writing ??= this.#writeChanged().then((written) => {
      this.#writing = null;
      if (this.#changed.size > 0) this.#soon(written ? this.#options.everyMs : AGAIN_AFTER_MS);
      return written;
    });
    return this.#writing;
  }

  async #writeChanged(): Promise<boolean> {
    const positions = new Map<PartitionIntake, Position>();
    for (const intake of this.#changed) {
      const { partition, ledger } = intake;
      const position = { partition, offset: ledger.low, metadata: ledger.metadata(MAX_METADATA_CHARACTERS) };
      if (this.#written.get(intake) !== textOf(position)) positions.set(intake, position);
    }
    this.#changed.clear();
    if (positions.size === 0) return true;
    try {
      await this.#options.commit([...positions.values()]);
      for (const [intake, position] of positions) this.#written.set(intake, textOf(position));
      return true;
    } catch (error) {
      for (const intake of positions.keys()) this.#changed.add(intake);
      this.#options.onError(error);
      return false;
    }
  }
}

function textOf({ offset, metadata }: Position): string {
  return `${offset} ${metadata}`;
}
