import { join } from 'node:path';
import { lockDataFolder, type DataFolderLock } from '@tutti/event-store/embedded';
import { isJsonObject, isTuttiError, TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';

interface SeatOptions {
  readonly dataDir: string;
  /** What there may be one of, like `coordinator`. */
  readonly role: string;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const LOOK_AGAIN_MS = 200;

/** Of some services a data folder has one at a time: another stands by, and takes over when the first is gone. The operating system keeps the seat, so it is never stale. */
export class Seat {
  private lock: DataFolderLock | null = null;
  private wake: () => void = () => {};
  private left = false;

  constructor(private readonly options: SeatOptions) {}

  /**
   * Resolves when this process has the seat, however long another has it.
   *
   * @param onStandby told once, with who has it (null when it is not known)
   * @throws TuttiError SHUTTING_DOWN when it was left before
   */
  async take(onStandby: (pid: number | null) => void = () => undefined): Promise<void> {
    const { role, logger } = this.options;
    for (let tries = 0; this.lock === null; tries++) {
      if (this.left) throw new TuttiError('SHUTTING_DOWN', `this process was stopped before it became the ${role}`);
      const holder = this.tryNow();
      if (holder === null) break;
      if (tries === 0) {
        logger.info('stands by: another process has the seat', { role, pid: holder.pid });
        onStandby(holder.pid);
      }
      await this.sleep();
    }
    logger.debug('has the seat', { role });
  }

  /** @throws TuttiError STORE_LOCKED naming the process that has it */
  takeNow(): void {
    const holder = this.lock === null ? this.tryNow() : null;
    if (holder === null) return;
    const { dataDir, role } = this.options;
    const who = holder.pid === null ? 'another process' : `process ${holder.pid}`;
    throw new TuttiError('STORE_LOCKED', `${who} is the ${role} of data folder ${dataDir}; end it, or choose another folder`);
  }

  /** Lets the next one have it. Ends waiting for it, too. */
  leave(): void {
    this.left = true;
    this.wake();
    this.lock?.release();
    this.lock = null;
  }

  /**
   * Waits for it no longer, and lets the next one have it when the end has come, whether it went well or not: what is still under way here may write until then, and
   * would do so beside the next one.
   */
  async leaveAfter(end: () => Promise<void>): Promise<void> {
    this.left = true;
    this.wake();
    try {
      await end();
    } finally {
      this.leave();
    }
  }

  /** Null when it was free, and is this process's now. */
  private tryNow(): { readonly pid: number | null } | null {
    const { dataDir, role } = this.options;
    try {
      this.lock = lockDataFolder(join(dataDir, 'seats', role));
      return null;
    } catch (error) {
      if (!isTuttiError(error, 'STORE_LOCKED')) throw error;
      const pid = error.details !== undefined && isJsonObject(error.details) ? error.details['pid'] : null;
      return { pid: typeof pid === 'number' ? pid : null };
    }
  }

  private sleep(): Promise<void> {
    return new Promise((resolve) => {
      const cancel: Cancel = this.options.runtime.timers.after(LOOK_AGAIN_MS, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
