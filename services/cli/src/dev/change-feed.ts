import type { Cancel, Runtime } from '@tutti/kernel';
import type { FolderWatcher } from './folder-watcher.port.js';
import { changesBetween, takeSnapshot, type FileChanges, type Snapshot } from './snapshot.js';

/** An editor writes a file in several goes, and tools write several files. */
const QUIET_MS = 100;
/** For changes that nobody gives word of. */
const LOOK_EVERY_MS = 2_000;

export interface ChangeFeedOptions {
  readonly folders: readonly string[];
  readonly watcher: FolderWatcher;
  readonly runtime: Runtime;
  /** What changed since the call before; the next one waits until this has resolved. Must not reject. */
  readonly onChanges: (changes: FileChanges) => Promise<void>;
}

/** Follows what changes in folders from a snapshot on. */
export class ChangeFeed {
  private readonly stopWatching: Cancel;
  private cancelLook: Cancel = () => {};
  private looking = false;
  private hinted = false;
  private stopped = false;

  constructor(
    private readonly options: ChangeFeedOptions,
    private snapshot: Snapshot,
  ) {
    this.stopWatching = options.watcher.watch(options.folders, () => this.hint());
    this.lookIn(LOOK_EVERY_MS);
  }

  stop(): void {
    this.stopped = true;
    this.stopWatching();
    this.cancelLook();
  }

  private hint(): void {
    // The first of many counts: a file that is written to all the time must not put the others off for ever.
    if (this.hinted) return;
    this.hinted = true;
    if (!this.looking) this.lookIn(QUIET_MS);
  }

  private lookIn(delayMs: number): void {
    this.cancelLook();
    if (!this.stopped) this.cancelLook = this.options.runtime.timers.after(delayMs, () => void this.look());
  }

  private async look(): Promise<void> {
    this.looking = true;
    this.hinted = false;
    const { folders, onChanges } = this.options;
    const before = this.snapshot;
    this.snapshot = await takeSnapshot(folders, before);
    const changes = changesBetween(before, this.snapshot);
    if (!this.stopped && changes.changed.length + changes.removed.length > 0) await onChanges(changes);
    this.looking = false;
    this.lookIn(this.hinted ? QUIET_MS : LOOK_EVERY_MS);
  }
}
