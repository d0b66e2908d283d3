import { join } from 'node:path';
import { lockDataFolder, type DataFolderLock } from '@tutti/event-store/embedded';
import { isJsonObject, isTuttiError, TuttiError, type Cancel, type Runtime } from '@tutti/kernel';
import type { Logger } from '@tutti/service-kit';
import type { Seat } from '../directory/directory.port.js';

interface FolderSeatOptions {
  readonly dataDir: string;
  /** What there may be one of, like `coordinator`. */
  readonly role: string;
  readonly runtime: Pick<Runtime, 'timers'>;
  readonly logger: Logger;
}

const LOOK_AGAIN_MS = 200;

/** A lock of the operating system in the data folder: never stale, and never lost by whoever has it. */
export class FolderSeat implements Seat {
  private lock: DataFolderLock | null = null;
  private wake: () => void = () => {};
  private left = false;

  constructor(private readonly options: FolderSeatOptions) {}

  async take(onStandby: (holder: string | null) => void = () => undefined): Promise<void> {
    const { role, logger } = this.options;
    for (let tries = 0; this.lock === null; tries++) {
      if (this.left) throw new TuttiError('SHUTTING_DOWN', `this process was stopped before it became the ${role}`);
      const holder = this.tryNow();
      if (holder === null) break;
      if (tries === 0) {
        logger.info('stands by: another process has the seat', { role, pid: holder.pid });
        onStandby(holder.pid === null ? null : String(holder.pid));
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

  onLost(): () => void {
    return () => undefined;
  }

  sureForMs(): number {
    return this.lock === null ? 0 : Infinity;
  }

  async leave(): Promise<void> {
    this.left = true;
    this.wake();
    this.lock?.release();
    this.lock = null;
  }

  async leaveAfter(end: () => Promise<void>): Promise<void> {
    this.left = true;
    this.wake();
    try {
      await end();
    } finally {
      await this.leave();
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
