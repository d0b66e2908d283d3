import { TuttiError, type Clock } from '@tutti/kernel';
import { statfsSync } from 'node:fs';

/** How long an answer of the file system counts. */
const FRESH_MS = 1_000;

/** Free bytes on the volume that holds the folder. */
export type FreeSpace = (folder: string) => number;

export const freeSpaceOnDisk: FreeSpace = (folder) => {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
};

/** Refuses writes while there is still room to finish, checkpoint and shut down cleanly. */
export class FreeSpaceFloor {
  private askedAt = -Infinity;
  private free = 0;

  constructor(
    private readonly folder: string,
    private readonly minFreeBytes: number,
    private readonly freeSpace: FreeSpace,
    private readonly clock: Clock,
  ) {}

  /** @throws TuttiError DISK_FULL */
  assertRoomFor(bytes: number): void {
    const now = this.clock.monotonic();
    if (now - this.askedAt >= FRESH_MS) {
      this.free = this.freeSpace(this.folder);
      this.askedAt = now;
    }
    if (this.free - bytes < this.minFreeBytes) {
      const message = `${this.folder} has ${this.free} bytes free; writes stop at ${this.minFreeBytes}: free some space or lower the floor`;
      throw new TuttiError('DISK_FULL', message, { details: { free: this.free, floor: this.minFreeBytes } });
    }
    this.free -= bytes;
  }
}
